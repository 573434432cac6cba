/** What a CloudTrail record shows of a request and its answer. */

/** Values of secrets and what opens grants are in no log. Source: Secrets Manager User Guide, "CloudTrail entries". */
const HIDDEN: ReadonlySet<string> = new Set([
  ...['SecretString', 'SecretBinary', 'RotationToken'],
  ...['GrantToken', 'GrantTokens'],
]);

/** Members whose own members have names that the caller chose. */
const CALLERS_NAMES: ReadonlySet<string> = new Set(['EncryptionContextSubset', 'EncryptionContextEquals']);

/** Answers that are in a record, as far as samples of AWS show one; of the others nothing is: who reads must do without. */
const SHOWN_ANSWERS: ReadonlySet<string> = new Set([
  ...['secretsmanager:DeleteSecret'],
  ...['kms:CreateKey', 'kms:CreateGrant', 'kms:ScheduleKeyDeletion', 'kms:CancelKeyDeletion'],
]);

/** As the caller gave them, under names that begin small; null where there are none to show. */
export const requestParameters = (input: unknown): unknown => unlessEmpty(shown(input));

/**
 * Of KMS the key's ARN is always there. Source: KMS Developer Guide, "Logging AWS KMS API calls with AWS CloudTrail".
 * @param keyArn of the key that a call of KMS was about
 */
export function responseElements(action: string, answer: object, keyArn: string | undefined): unknown {
  const key = keyArn === undefined ? {} : { keyId: keyArn };
  return unlessEmpty(SHOWN_ANSWERS.has(action) ? { ...(shown(answer) as object), ...key } : key);
}

const unlessEmpty = (members: unknown): unknown => (Object.keys(members ?? {}).length === 0 ? null : members);

function shown(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shown);
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).filter(([name]) => !HIDDEN.has(name));
  return Object.fromEntries(members.map(([name, member]) => [lowerFirst(name), shownMember(name, member)]));
}

function shownMember(name: string, member: unknown): unknown {
  if (CALLERS_NAMES.has(name)) return member;
  return name.endsWith('Date') && typeof member === 'number' ? shownDate(new Date(member * 1000)) : shown(member);
}

/** `ARN` is `aRN` there. */
const lowerFirst = (name: string): string => name.charAt(0).toLowerCase() + name.slice(1);

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** `May 3, 2018 5:51:02 PM` */
function shownDate(date: Date): string {
  const hours = date.getUTCHours();
  const time = [hours % 12 || 12, ...[date.getUTCMinutes(), date.getUTCSeconds()].map((part) => pad(part))].join(':');
  const day = `${MONTHS[date.getUTCMonth()]} ${date.getUTCDate()}, ${date.getUTCFullYear()}`;
  return `${day} ${time} ${hours < 12 ? 'AM' : 'PM'}`;
}

const pad = (part: number): string => String(part).padStart(2, '0');

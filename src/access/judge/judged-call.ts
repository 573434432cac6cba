import { mayNameStage } from '../../policy/actions.ts';
import { type PolicyDocument, statementsOf, testsOf } from '../../policy/document.ts';
import { type Budget, spend } from '../../policy/evaluate/budget.ts';
import type { ContextValue, JudgedCall } from '../../policy/evaluate/evaluation.ts';
import { variablesIn } from '../../policy/evaluate/variables.ts';
import { perDocument, perStatement } from '../../policy/per-document.ts';
import type { Secret } from '../secret.ts';
import type { Reader } from './reader.ts';

/** What of a secret a policy can ask for; `tags` are null where they are not known. */
export type AskedSecret = Pick<Secret, 'arn' | 'region' | 'account' | 'primaryRegion'> & {
  tags: Secret['tags'] | null;
};

/** Condition keys and their values; an array is a multivalued key, an empty one says that the call has no such key. */
export type GivenContext = JudgedCall['context'];

/**
 * The call that a look at access is about: the reader itself calls Secrets Manager, over TLS (which AWS demands), in the
 * secret's Region, now, and names the secret by its full ARN. What else it carries is known only if it is given.
 * @param policies whose conditions may ask for tags that the secret does not have
 */
export function judgedCall(call: {
  secret: AskedSecret;
  reader: Reader;
  action: string;
  now: Date;
  policies: readonly (PolicyDocument | null)[];
  given?: GivenContext;
  budget?: Budget;
}): JudgedCall {
  const { secret, reader, action, now, policies, given = {}, budget } = call;
  if (budget !== undefined) spend(budget, STEPS);
  const sure: Record<string, ContextValue> = {
    'aws:SecureTransport': 'true',
    'aws:RequestedRegion': secret.region,
    'aws:ViaAWSService': 'false',
    'aws:CalledVia': [],
    'secretsmanager:SecretId': secret.arn,
    'secretsmanager:SecretPrimaryRegion': secret.primaryRegion ?? secret.region,
    ...(mayNameStage(action) ? {} : { 'secretsmanager:VersionStage': [] }),
    ...tagKeys(secret, policies),
    ...reader.context,
    ...(gives(given, ...CLOCK_KEYS) ? {} : clockKeys(now)),
    ...networkKeys(given),
  };
  // The evaluator takes the last of two keys that differ in case only.
  const context = { ...sure, ...given };
  return {
    caller: reader.caller,
    action,
    resource: secret.arn,
    resourceAccount: secret.account,
    context,
    contextIs: 'partial',
    ...(budget && { budget }),
  };
}

/** To make a call up takes as long as to compare so many characters. */
const STEPS = 200;

const gives = (given: GivenContext, ...keys: string[]): boolean =>
  Object.keys(given).some((key) => keys.includes(key.toLowerCase()));

const CLOCK_KEYS = ['aws:currenttime', 'aws:epochtime'];

export const clockKeys = (now: Date) => ({
  'aws:CurrentTime': now.toISOString(),
  'aws:EpochTime': String(Math.floor(now.getTime() / 1000)),
});

/**
 * A call comes through a VPC endpoint or from a public address, never both (IAM User Guide, "AWS global condition
 * context keys": aws:SourceIp, aws:SourceVpc, aws:SourceVpce, aws:VpcSourceIp).
 */
function networkKeys(given: GivenContext): Record<string, readonly string[]> {
  const isThere = (value: ContextValue) => typeof value === 'string' || !Array.isArray(value) || value.length > 0;
  const throughEndpoint = Object.entries(given).some(
    ([key, value]) => /^aws:(SourceVpce?|VpcSourceIp)$/i.test(key) && isThere(value),
  );
  if (throughEndpoint) return { 'aws:SourceIp': [] };
  const fromAddress = Object.entries(given).some(([key, value]) => /^aws:SourceIp$/i.test(key) && isThere(value));
  return fromAddress ? { 'aws:SourceVpc': [], 'aws:SourceVpce': [], 'aws:VpcSourceIp': [] } : {};
}

const TAG_KEY = /^(?:aws|secretsmanager):ResourceTag\//i;

/** All tags are known: one that a policy asks for and the secret does not have is surely absent. */
export function tagKeys(
  { tags }: Pick<AskedSecret, 'tags'>,
  policies: readonly (PolicyDocument | null)[],
): Record<string, string | readonly string[]> {
  if (tags === null) return {};
  const seen = tagsInConditions(tags);
  const absent = policies
    .flatMap((policy) => (policy === null ? [] : askedTags(policy)))
    .filter((key) => seen.get(key.slice(key.indexOf('/') + 1)) !== 'unknown')
    .map((key) => [key, []] as const);
  const present = [...seen].flatMap(([key, tag]) =>
    tag === 'unknown'
      ? []
      : [[`aws:resourcetag/${key}`, tag.value] as const, [`secretsmanager:resourcetag/${key}`, tag.value] as const],
  );
  return Object.fromEntries([...absent, ...present]);
}

/**
 * Tags as conditions see them, by their keys in small letters: of `Team` and `team`, which are the same to a condition, AWS does not say
 * which it takes.
 */
export function tagsInConditions(tags: Readonly<Record<string, string>>): Map<string, { value: string } | 'unknown'> {
  const seen = new Map<string, { value: string } | 'unknown'>();
  for (const [name, value] of Object.entries(tags)) {
    const key = name.toLowerCase();
    seen.set(key, seen.has(key) ? 'unknown' : { value });
  }
  return seen;
}

/** The tags that a policy asks for, in small letters: worked out once, since one look makes many calls of it. */
const askedTags = perDocument((policy) => statementsOf(policy).flatMap(tagsAskedBy));

const tagsAskedBy = perStatement((statement) =>
  testsOf(statement)
    .flatMap(({ key, values }) => [key, ...values.flatMap(variablesIn)])
    .filter((key) => TAG_KEY.test(key))
    .map((key) => key.toLowerCase()),
);

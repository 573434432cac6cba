/** What somebody types when asked who: read as the API takes it, and said back. */

/** @import { components } from '../client/schema.d.ts' */
/**
 * @typedef {Pick<components['schemas']['ShareRequest'], 'principal' | 'organization' | 'organizationalUnit' | 'permissionSet' | 'service'>} Request
 * @typedef {{ request: Request, words: string }} Whom
 */

export const WHO_HINT = 'Account number, ARN, or organization (o-…)';
export const ONE_HINT = 'Account number, or the ARN of a user or role';

/** @type {[RegExp, (match: RegExpExecArray) => Whom][]} */
const KINDS = [
  [/^(\d{12})$/, ([, id]) => ({ request: { principal: id }, words: everyoneIn(id) })],
  [/^arn:[\w-]+:iam::(\d{12}):root$/, ([arn, id]) => ({ request: { principal: arn }, words: everyoneIn(id) })],
  [
    /^arn:[\w-]+:iam::(\d{12}):user\/(.+)$/,
    ([arn, id, name]) => ({ request: { principal: arn }, words: `User ${name} of ${id}` }),
  ],
  [
    /^arn:[\w-]+:iam::(\d{12}):role\/(.+)$/,
    ([arn, id, name]) => ({ request: { principal: arn }, words: `Role ${name} of ${id}` }),
  ],
  [
    /^arn:[\w-]+:sts::(\d{12}):(.+)$/,
    ([arn, id, name]) => ({ request: { principal: arn }, words: `Session ${name} of ${id}` }),
  ],
  [/^(o-[a-z0-9]{10,32})$/, ([, id]) => ({ request: { organization: id }, words: `Everybody in organization ${id}` })],
  [
    /^([\w+=,.@-]+)@(\d{12})$/,
    ([, name = '', account = '']) => ({
      request: { permissionSet: { name, account } },
      words: signedIn(name, account),
    }),
  ],
  [
    /^(o-[a-z0-9]{10,32}\/r-.+)$/,
    ([path]) => ({ request: { organizationalUnit: path }, words: `The accounts of one unit of ${path.split('/')[0]}` }),
  ],
];

/** What cannot be read goes as a principal: the API says what is wrong with it. @param {string} text @returns {Whom} */
export function whom(text) {
  const trimmed = text.trim();
  for (const [pattern, read] of KINDS) {
    const match = pattern.exec(trimmed);
    if (match !== null) return read(match);
  }
  return { request: { principal: trimmed }, words: '' };
}

/** What AWS calls in its own name, as a service’s principal is written. */
const SERVICE = /^[a-z0-9.-]+\.amazonaws\.com(\.cn)?$/;

/** @param {string} text */
export const isService = (text) => SERVICE.test(text.trim());

/** Which kind a form is about: what its name alone shows need not be chosen. @param {Record<string, any>} values */
export const kindOf = ({ kind = 'one', who = '' }) => (kind === 'one' && isService(who) ? 'service' : kind);

/** Whom a form is about. @param {Record<string, any>} values @returns {Whom} */
export function named(values) {
  const { who = '', account = '', sourceArn = '' } = values;
  const [name, owner, source] = [who, account, sourceArn].map((text) => text.trim());
  switch (kindOf(values)) {
    case 'organizationalUnit':
      return { ...whom(name), request: { organizationalUnit: name } };
    case 'permissionSet':
      return {
        request: { permissionSet: { name, account: owner } },
        words: name && owner && signedIn(name, owner),
      };
    case 'service':
      return {
        request: { service: { name, sourceAccount: owner, ...(source && { sourceArn: source }) } },
        words: name && owner && `${name}, when it acts for ${source || owner}`,
      };
    default:
      return whom(name);
  }
}

/** Where one goes by its name only, and no organization does. @param {string} text */
export function oneNamed(text) {
  const { request, words } = whom(text);
  return request.principal === undefined
    ? { principal: text.trim(), words: '' }
    : { principal: request.principal, words: words.replace(LET, '') };
}

const LET = ' whom its administrators let';
/** @param {string | undefined} account */
const everyoneIn = (account) => `Everyone in ${account}${LET}`;

/** @param {string} name of a permission set @param {string} account */
const signedIn = (name, account) => `Whoever signs in to ${account} as ${name}`;

const DAY_MS = 86_400_000;

/** @type {[string, string][]} */
export const SPANS = [
  ['1d', '1 day'],
  ['7d', '7 days'],
  ['30d', '30 days'],
  ['90d', '90 days'],
  ['date', 'A date'],
  ['none', 'No end'],
];

/** When a span from now ends. @param {string} span @param {string} date `2027-01-31`, of the span `date` */
export function endOf(span, date, now = Date.now()) {
  if (span === 'none') return null;
  if (span === 'date') return date === '' ? null : new Date(`${date}T23:59:59Z`);
  return new Date(now + Number.parseInt(span, 10) * DAY_MS);
}

/** The same as a request says it. @param {string} span @param {string} date */
export function spanOf(span, date) {
  if (span === 'none') return {};
  return span === 'date' ? { expiresAt: endOf(span, date)?.toISOString() } : { expiresIn: span };
}

/** One to a line, or with commas between. @param {string} text */
export const listed = (text) => text.split(/[\s,;]+/).filter(Boolean);

/** One to a line, since there may be commas in it. @param {string} text */
export const linesOf = (text) =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean);

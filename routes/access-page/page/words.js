/** The words of the picture: what the API says in codes, said to people. */

export const KINDS = {
  account: ['account', 'Account'],
  user: ['person', 'User'],
  role: ['role', 'Role'],
  assumedRole: ['role', 'Role session'],
  federatedUser: ['person', 'Federated user'],
  organization: ['organization', 'Organization'],
  organizationalUnit: ['organization', 'Organizational unit'],
  permissionSet: ['person', 'Permission set'],
  everyone: ['everyone', 'Whoever calls'],
  service: ['service', 'AWS service'],
  identityProvider: ['organization', 'Identity provider'],
  canonicalUser: ['account', 'Canonical user'],
  deleted: ['cross', 'Deleted principal'],
};

/** Of those for whom it is not so. */
export const DECISIONS = {
  allowed: 'may read',
  explicitlyDenied: 'denied',
  implicitlyDenied: 'not allowed',
  unknown: 'it depends',
};

/** The three legs in the order in which they stand between a reader and the secret. */
export const LEGS = {
  identityPolicy: 'Own account',
  keyPolicy: 'Key',
  secretPolicy: 'Secret’s policy',
};

export const STATUSES = {
  done: ['check', 'lets it through'],
  missing: ['cross', 'does not let it through'],
  unknown: ['question', 'not known from here'],
  notNeeded: ['minus', 'not needed'],
  denied: ['cross', 'denies it'],
  depends: ['question', 'depends'],
};

/** How the way ends. */
export const ENDS = {
  done: ['open', 'open'],
  depends: ['lock', 'perhaps'],
  denied: ['lock', 'shut'],
};

export const GROUPS = {
  reads: ['check', 'May read', 'The secret’s policy and its key let them. Their own account has the last word.'],
  depends: ['question', 'Depends', 'They may read under conditions, or something on the way is missing.'],
  denied: ['cross', 'Denied', 'A deny beats every allow, whoever wrote it.'],
  ended: ['minus', 'No longer', 'Expired, deleted, or named in vain: nobody reads by these.'],
};

/** In which group a reader of GET …/readers belongs. */
export function groupOf({ decision, expired, orphaned, legs }) {
  if (decision === 'explicitlyDenied') return 'denied';
  if (decision === 'implicitlyDenied' || expired || orphaned) return 'ended';
  if (decision === 'unknown' || legs.some(({ status }) => status === 'missing')) return 'depends';
  return 'reads';
}

/** `arn:aws:iam::123456789999:user/team/Mary` is Mary to people. */
export function shortName(principal, kind) {
  if (kind === 'everyone') return 'Everybody';
  if (kind === 'account') return principal.split(':')[4] ?? principal;
  return principal.startsWith('arn:') ? (principal.split('/').at(-1) ?? principal) : principal;
}

const day = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short', timeZone: 'UTC' });
export const when = (time) => `${day.format(new Date(time))} UTC`;

const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);

/** What a restriction says. */
export const fence = ({ words }) =>
  [`${capital(words.who)} is denied.`, ...words.conditions.map((condition) => `${capital(condition)}.`)].join(' ');

/** What a share asks for besides its principal. */
export const conditionsOf = ({ words, expiresAt }) => [
  ...words.conditions,
  ...(expiresAt === null ? [] : [`until ${when(expiresAt)}`]),
];

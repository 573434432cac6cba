/** What the API says in codes, said to people. */

/** @import { components } from '../client/schema.d.ts' */
/** @typedef {components['schemas']['Reader']} Reader */
/** @typedef {components['schemas']['DeniedPrincipal']} Denied */
/** @typedef {components['schemas']['Leg']} Leg */
/** @typedef {components['schemas']['AccessEntry']} Entry */

/** By kind of principal: icon, and name. @type {Record<string, [string, string]>} */
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

/** In the order in which they stand between a reader and the secret. */
export const LEGS = {
  identityPolicy: 'Own account',
  organization: 'Organization',
  keyPolicy: 'Key',
  secretPolicy: 'Secret’s policy',
};

/** By status of a leg: icon, and words. @type {Record<string, [string, string]>} */
const STATUSES = {
  done: ['check', 'lets it through'],
  missing: ['cross', 'does not let it through'],
  unknown: ['question', 'not known from here'],
  notNeeded: ['minus', 'not needed'],
};

/** Of a leg: icon, and words. Of the secret’s policy all is known but the call. @param {Pick<Leg, 'leg' | 'status' | 'detail'>} leg @returns {[string, string]} */
export function statusOf({ leg, status, detail }) {
  const [icon, words] = STATUSES[status] ?? ['question', status];
  if (leg !== 'secretPolicy' || status !== 'unknown' || detail.startsWith('Whether')) return [icon, words];
  return [icon, detail.includes(', but not ') ? 'lets it through, but for some' : 'depends on conditions'];
}

/** @type {Record<'reads' | 'depends' | 'denied' | 'ended', [string, string, string]>} */
export const GROUPS = {
  reads: ['check', 'May read', 'The secret’s policy and its key let them. Their own account has the last word.'],
  depends: ['question', 'Depends', 'They may read under conditions, or something on the way is missing.'],
  denied: ['cross', 'Denied', 'A denial beats every share, whoever wrote it.'],
  ended: ['minus', 'No longer', 'Ended, deleted, or named in vain: nobody reads by these.'],
};

/** @type {Record<string, string>} */
export const DECISIONS = {
  allowed: 'may read',
  explicitlyDenied: 'denied',
  implicitlyDenied: 'not allowed',
  unknown: 'it depends',
};

/** @type {Record<string, [string, string]>} */
export const EXPOSURES = {
  public: ['everyone', 'Everybody'],
  outside: ['open', 'Other accounts'],
  inside: ['account', 'Own accounts'],
  none: ['lock', 'Nobody let in'],
};

/** @type {Record<components['schemas']['Finding']['kind'], string>} */
export const FINDINGS = {
  public: 'Open to everybody',
  'outside-reader': 'Somebody outside reads',
  'unusable-share': 'Share that does not work',
  'lapsed-denial': 'Denial of a deleted principal',
  orphan: 'Share of a deleted principal',
  'expired-entry': 'Ended, and still there',
  'near-size-limit': 'Policy nearly full',
  'outside-writer': 'Somebody outside may change the policy',
  drift: 'Changed by others',
  'locked-out': 'This service is locked out',
  'rotation-shut-out': 'Rotation is kept out',
};

/** @type {Record<string, [string, string]>} */
export const OUTCOMES = {
  applied: ['check', 'Done'],
  unchanged: ['minus', 'Was so already'],
  refused: ['cross', 'Refused'],
  failed: ['cross', 'Failed'],
  unknown: ['question', 'Not known'],
};

/** All that the audit log has. @type {Record<components['schemas']['RecordedChange']['action'], string>} */
export const ACTIONS = {
  share: 'Share',
  deny: 'Deny',
  restrict: 'Restrict',
  revoke: 'Revoke',
  replacePolicy: 'Replace the policy',
  deletePolicy: 'Detach the policy',
  rollback: 'Go back',
  expire: 'Remove what ended',
  prune: 'Remove deleted principals',
  removeStatement: 'Remove a statement of others',
  adopt: 'Adopt a statement of others',
  applyManifest: 'Apply a manifest',
  restoreDrift: 'Put back what was dropped',
  drift: 'Changed by others',
  createGrant: 'Open a key',
  revokeGrant: 'Close a key',
  requestApproval: 'Ask for approval',
  approve: 'Approve',
  reject: 'Reject',
  expireApproval: 'Nobody approved in time',
  refuseStored: 'Refuse what was stored',
  startOperation: 'Begin a bulk operation',
  cancelOperation: 'Cancel a bulk operation',
  survey: 'Survey',
  openFinding: 'Find something wrong',
  closeFinding: 'Find it mended',
  acknowledgeFinding: 'Acknowledge a finding',
  freeze: 'Freeze',
  evict: 'Evict',
  lift: 'Lift',
};

const day = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeZone: 'UTC' });
const minute = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short', timeZone: 'UTC' });

/** @param {string | Date} time */
export const dayOf = (time) => `${day.format(new Date(time))} UTC`;
/** @param {string | Date} time */
export const when = (time) => `${minute.format(new Date(time))} UTC`;
/** The API’s sentences have times as RFC 3339 has them, and say which call helps. @param {string} sentence */
export const readable = (sentence) =>
  CALLS.reduce(
    (words, [call, ours]) => words.replace(call, ours),
    withoutIf(sentence).replace(/\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?Z/g, when),
  );

/** Where it stands it is said that nothing has changed yet. An ARN is written as it is. @param {string} sentence */
const withoutIf = (sentence) =>
  sentence.startsWith(IF) ? sentence.slice(IF.length).replace(/^[a-z]+(?= )/, capital) : sentence;
const IF = 'If it were done: ';

/** What here is a button, or a box to tick. @type {[RegExp, string][]} */
const CALLS = [
  [/POST \S+\/policy\/prune takes out those of this service.*?\./g, 'The page of findings takes them out.'],
  [/It is ours: DELETE \S+(?: or DELETE \S+)* takes it away\./g, 'It is ours: the secret’s page can revoke it.'],
  [/, or repeat the share with grantKey: true/g, ', or open the key too'],
  [/, or send acknowledgeUnreadable: true to share all the same/g, ', or share it anyway'],
  [/say so: acknowledgeEscalation: true\./g, 'say so.'],
];
/** @param {number} count @param {string} one @param {string} [many] */
export const counted = (count, one, many = `${one}s`) => `${count.toLocaleString('en')} ${count === 1 ? one : many}`;

/** `arn:aws:iam::123456789999:user/team/Mary` is Mary to people. @param {string} principal @param {string} [kind] */
export function shortName(principal, kind) {
  if (kind === 'everyone' || principal === '*') return 'Everybody';
  const [, , , account, rest] = principal.startsWith('arn:') ? splitArn(principal) : [];
  if (rest === undefined) return principal;
  return rest === 'root' ? String(account) : (rest.split('/').at(-1) ?? principal);
}

/** As two accounts may have a role of the same name: `role/app of 222222222222`. @param {string} principal */
export function nameInAccount(principal) {
  const [, , , account, rest] = principal.startsWith('arn:') ? splitArn(principal) : [];
  return rest === undefined || rest === 'root' ? shortName(principal) : `${rest} of ${account}`;
}

/** @param {string} arn */
const splitArn = (arn) => {
  const [scheme, partition, service, , account, ...rest] = arn.split(':');
  return [scheme, partition, service, account, rest.join(':')];
};

/** The account and Region of an ARN. @param {string} arn */
export function placeOf(arn) {
  const [, , , region = '', account = ''] = arn.split(':');
  return { region, account };
}

/** @param {string} action `secretsmanager:GetSecretValue` */
export const actionName = (action) => action.replace(/^secretsmanager:/, '');

/** What a share asks for besides its principal. @param {Pick<Entry, 'words' | 'expiresAt'>} entry */
export const conditionsOf = ({ words, expiresAt }) => [
  ...words.conditions.map(readable),
  ...(expiresAt === null ? [] : [`until ${when(expiresAt)}`]),
];

/** @param {string} text */
export const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);

/** By kind: what people call it, and what stands before whom it is about. @type {Record<Entry['kind'], [noun: string, of: string]>} */
export const ENTRIES = {
  share: ['share', 'share with'],
  denial: ['denial', 'denial of'],
  restriction: ['fence', 'fence that keeps out'],
};

/** @param {Pick<Entry, 'kind' | 'words'>} entry */
export const entryName = ({ kind, words }) => `${ENTRIES[kind][1]} ${nameInAccount(words.who)}`;

/** What a restriction says. @param {Pick<Entry, 'words'>} entry */
export const fence = ({ words }) =>
  [`${capital(words.who)} is denied.`, ...words.conditions.map((condition) => `${capital(readable(condition))}.`)].join(
    ' ',
  );

/** Of a secret, until AWS has said it: six random characters end its ARN. @param {string} secretId a name or an ARN */
export const secretName = (secretId) => secretId.replace(/^arn:.*:secret:(.+)-\w{6}$/, '$1');

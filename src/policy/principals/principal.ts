import { parseArn } from '../arn.ts';

/**
 * Principals as a secret's policy can name them: an account (its id or root ARN), a user, a role, an assumed-role
 * session or a federated user. Source: IAM User Guide, "AWS JSON policy elements: Principal".
 */
type PrincipalType = 'account' | 'user' | 'role' | 'assumedRole' | 'federatedUser';
export type Principal = { type: PrincipalType; arn: string; account: string; partition: string };

const NAME = String.raw`[\w+=,.@-]{1,128}`;
/** IAM API Reference, CreateRole, Path: 512 characters with both slashes. */
const PATH = String.raw`(?:[\x21-\x7e]{1,510}/)?`;
const FORMS: readonly [PrincipalType, 'iam' | 'sts', RegExp][] = [
  ['account', 'iam', /^root$/],
  ['user', 'iam', new RegExp(`^user/${PATH}${NAME}$`)],
  ['role', 'iam', new RegExp(`^role/${PATH}${NAME}$`)],
  ['assumedRole', 'sts', new RegExp(`^assumed-role/${NAME}/[\\w+=,.@-]{2,64}$`)],
  ['federatedUser', 'sts', /^federated-user\/[\w+=,.@-]{2,32}$/],
];

/**
 * Reads what a caller may write for a principal. An account id becomes the account's root ARN in the given partition:
 * the two mean the same. Undefined for anything else (groups, wildcards, service principals, typing errors).
 */
export function parsePrincipal(text: string, partition = 'aws'): Principal | undefined {
  if (/^\d{12}$/.test(text))
    return { type: 'account', arn: `arn:${partition}:iam::${text}:root`, account: text, partition };
  const arn = parseArn(text);
  if (
    arn === undefined ||
    arn.region !== '' ||
    !/^\d{12}$/.test(arn.account) ||
    !/^aws(-cn|-us-gov)?$/.test(arn.partition)
  ) {
    return undefined;
  }
  // Neither wildcards nor policy variables: where the ARN stands in a condition, AWS would expand them.
  if (/[*?]|\$\{/.test(arn.resource)) return undefined;
  const form = FORMS.find(([, service, pattern]) => service === arn.service && pattern.test(arn.resource));
  return form && { type: form[0], arn: text, account: arn.account, partition: arn.partition };
}

const ROOT = /^arn:[^:]+:iam::(\d{12}):root$/;

/** The account that a name stands for: its id, or the ARN of its root. */
export const accountNamed = (name: string): string | undefined => (/^\d{12}$/.test(name) ? name : ROOT.exec(name)?.[1]);

/**
 * The unique id that AWS shows in a policy in the place of a deleted role or user (`AROA…`, `AIDA…`).
 * Source: IAM User Guide, "IAM identifiers", unique identifiers.
 */
export const isUniqueId = (text: string): boolean => /^A(?:ROA|IDA)[A-Z0-9]{12,128}$/.test(text);

/**
 * A role as its sessions name it: without its path, which a session's ARN does not show. Undefined for what is neither
 * the ARN of a role nor that of a session of one.
 */
export function roleOf(text: string): string | undefined {
  const { service, resource = '', partition, account } = parseArn(text) ?? {};
  const isRole = service === 'iam' && resource.startsWith('role/');
  if (!isRole && !isSession(text)) return undefined;
  const name = isRole ? resource.slice(resource.lastIndexOf('/') + 1) : resource.split('/')[1];
  return `arn:${partition}:iam::${account}:role/${name}`;
}

/**
 * Whether two ARNs, of a role or of its sessions, are of one role: "Role names must be unique within an account",
 * whatever their path (IAM API Reference, CreateRole, RoleName).
 */
export function sameRole(one: string, other: string): boolean {
  const role = roleOf(one);
  return role !== undefined && role === roleOf(other);
}

/** Whether an ARN is of a session of a role. */
export const isSession = (arn: string): boolean => /^arn:[^:]+:sts::\d{12}:assumed-role\//.test(arn);

/** A principal said to people: `account 222222222222`, `role/app of 222222222222`; what is no ARN as it is. */
export function personNamed(name: string): string {
  const account = accountNamed(name);
  if (account !== undefined) return `account ${account}`;
  const arn = parseArn(name);
  return arn === undefined ? name : `${arn.resource} of ${arn.account}`;
}

import { accountIn } from '../arn.ts';
import { asArray, type Statement, testsOf } from '../document.ts';
import { accountNamed, roleOf } from './principal.ts';

/** A permission set of IAM Identity Center, as far as it is provisioned to one account. */
export type PermissionSet = { name: string; account: string };

/** The path of all their roles, or its beginning. */
export const PATH_OF_SETS = '/aws-reserved/sso.amazonaws.com/';
const ROLES = `role${PATH_OF_SETS}`;
/** Identity Center appends sixteen characters, which change whenever the set is provisioned anew. */
const SUFFIX = '?'.repeat(16);

/**
 * Patterns of the role that a permission set has in an account: with the Region of Identity Center in its path, and, where that
 * is us-east-1, without. As many `?` as there are characters: a `*` would let the set Ops_Admin in by the name Ops.
 * Source: IAM Identity Center User Guide, "Referencing permission sets in resource policies".
 */
export const rolesOfSet = ({ name, account }: PermissionSet, partition: string): string[] =>
  ['', '*/'].map((region) => `arn:${partition}:iam::${account}:${ROLES}${region}${beginningOf(name)}${SUFFIX}`);

/** Whether a role under that path is one that Identity Center made of the set. */
export const isRoleOfSet = (roleName: string, set: string): boolean =>
  roleName.startsWith(beginningOf(set)) && /^[0-9a-f]{16}$/.test(roleName.slice(beginningOf(set).length));

const PATTERN = new RegExp(
  `^arn:[a-z*-]+:iam::(\\d{12}|\\*):${ROLES}(?:\\*/)?AWSReservedSSO_([\\w+=,.@-]{1,32})_\\?{16}$`,
);

/** The set that such a pattern speaks of; its account may be `*`. */
export function permissionSetIn(pattern: string): PermissionSet | undefined {
  const [, account, name] = PATTERN.exec(pattern) ?? [];
  return account === undefined || name === undefined ? undefined : { account, name };
}

/** Whether a principal may be one whom such patterns speak of: a session's ARN does not show the path of its role. */
export function mayBeOf(patterns: readonly string[], principal: string): boolean {
  const role = roleOf(principal) ?? '';
  const roleName = role.slice(role.lastIndexOf('/') + 1);
  return patterns.some((pattern) => {
    const { name, account } = permissionSetIn(pattern) ?? {};
    if (name === undefined || account !== accountIn(role)) return false;
    return roleName.length === OWN_CHARACTERS + name.length && roleName.startsWith(beginningOf(name));
  });
}

/** How the name of such a role begins. */
export const beginningOf = (name: string): string => `AWSReservedSSO_${name}_`;
const OWN_CHARACTERS = beginningOf('').length + 16;

/** The sets to which what a statement asks of the caller's ARN ties it; none where it speaks of others too. */
export function setsTiedTo(statement: Statement): PermissionSet[] {
  const accounts = accountsOf(statement.Principal);
  const patterns = testsOf(statement).find(
    ({ operator, key }) => /^Arn(Equals|Like)$/.test(operator) && key.toLowerCase() === 'aws:principalarn',
  )?.values;
  if (accounts === undefined || patterns === undefined) return [];
  const sets = patterns.flatMap((pattern) => permissionSetIn(pattern) ?? []);
  const placed = sets.flatMap(({ name, account }) =>
    (account === '*' ? accounts : [account]).map((one) => ({ name, account: one })),
  );
  return sets.length === patterns.length && !placed.some(({ account }) => account === '*') ? placed : [];
}

/** Those that a Principal names by themselves; `*` where it is everybody, undefined where it names others. */
function accountsOf(Principal: Statement['Principal']): string[] | undefined {
  if (Principal === undefined) return undefined;
  if (Principal === '*') return ['*'];
  const names = Object.values(Principal).flatMap((some) => asArray(some));
  const accounts = names.flatMap((name) => (name === '*' ? name : (accountNamed(name) ?? [])));
  return accounts.length === names.length ? accounts : undefined;
}

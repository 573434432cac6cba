import Type from 'typebox';
import { type PermissionSet as NamedSet, permissionSetIn, rolesOfSet } from '../../../principals/permission-set.ts';
import { accountNamed } from '../../../principals/principal.ts';
import { PermissionSet, PermissionSetName, PrincipalName } from './parameters.ts';
import { texts } from './share-conditions.ts';
import type { Group } from './template.ts';

/**
 * What the templates of permission sets have in common. Those of one set in several accounts share one statement: it names the
 * set once, and the accounts.
 */
export const permissionSetParameters = {
  permissionSet: PermissionSetName,
  account: Type.Unsafe<string>({ ...PrincipalName, description: 'An account that has the permission set.' }),
};

/** The same in a request, and in an entry. */
export const PERMISSION_SET = { permissionSet: PermissionSet };

/** Only accounts: their ids, or root ARNs. */
export const accountConflict = ({ account }: Group) =>
  accountNamed(String(account)) === undefined
    ? { path: '/account', message: 'must be an account: its 12-digit id, or the ARN of its root' }
    : undefined;

export const setOf = ({ permissionSet, account }: Group): NamedSet => ({
  name: String(permissionSet),
  account: accountNamed(String(account)) ?? String(account),
});

export const parametersOfSet = (set: unknown): Group =>
  typeof set === 'object' && set !== null && 'name' in set && 'account' in set
    ? { permissionSet: set.name, account: set.account }
    : {};

export const setInWords = (parameters: Group): string => {
  const { name, account } = setOf(parameters);
  return `whoever has the permission set ${name} in the account ${account}`;
};

/** The judge's name of those: a pattern of their role. */
export const readerOfSet = (parameters: Group, partition: string): string =>
  rolesOfSet(setOf(parameters), partition)[0] ?? '';

export const nameIn = (patterns: unknown): string | undefined =>
  texts(patterns).flatMap((pattern) => permissionSetIn(pattern)?.name ?? [])[0];

import { asArray, type PolicyDocument, principalsNamedIn, statementsOf, testsOf } from '../document.ts';
import { perDocument } from '../per-document.ts';
import { parsePrincipal, roleOf } from './principal.ts';

/**
 * The ARNs by which policies name a role, of which only the name is known, path included. AWS takes no Principal that
 * does not exist, and of one name there is one role in an account: one of those ARNs is the role's.
 * @param role `arn:…:role/NAME`, without a path
 */
export const namedBy = (policies: readonly (PolicyDocument | null)[], role: string): string[] =>
  amongAll(policies, rolesNamed, role);

/** Those that conditions on aws:PrincipalArn spell out: nobody has checked them. */
export const spelledBy = (policies: readonly (PolicyDocument | null)[], role: string): string[] =>
  amongAll(policies, rolesSpelled, role);

/** ARNs of roles, by the role without its path. */
type ByRole = ReadonlyMap<string, readonly string[]>;

const amongAll = (
  policies: readonly (PolicyDocument | null)[],
  rolesOf: (policy: PolicyDocument) => ByRole,
  role: string,
): string[] => [...new Set(policies.flatMap((policy) => (policy === null ? [] : (rolesOf(policy).get(role) ?? []))))];

const byRole = (names: readonly string[]): ByRole => {
  const found = new Map<string, string[]>();
  for (const name of names) {
    const role = parsePrincipal(name)?.type === 'role' ? roleOf(name) : undefined;
    if (role === undefined) continue;
    const same = found.get(role);
    if (same === undefined) found.set(role, [name]);
    else same.push(name);
  }
  return found;
};

const rolesNamed = perDocument((policy) => byRole(principalsOf(policy)));
const rolesSpelled = perDocument((policy) => byRole(conditionArnsOf(policy)));

/** The AWS principals that a policy names, in Principal and NotPrincipal. */
export const principalsOf = (policy: PolicyDocument | null): string[] =>
  statementsOf(policy)
    .flatMap(principalsNamedIn)
    .flatMap(({ AWS }) => asArray(AWS).filter((name) => name !== '*'));

/** What a policy compares aws:PrincipalArn with. */
export const conditionArnsOf = (policy: PolicyDocument | null): string[] => valuesOf(policy, 'aws:principalarn');

/** What a policy compares a condition key with, whatever the operator. @param wanted in small letters */
export const valuesOf = (policy: PolicyDocument | null, wanted: string): string[] =>
  statementsOf(policy)
    .flatMap(testsOf)
    .flatMap(({ key, values }) => (key.toLowerCase() === wanted ? values : []));

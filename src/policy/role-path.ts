import { asArray, type PolicyDocument, principalsNamedIn, statementsOf, testsOf } from './document.ts';
import { parsePrincipal, roleOf } from './principal.ts';

/**
 * The ARNs by which policies name a role, of which only the name is known, path included. AWS takes no Principal that
 * does not exist, and of one name there is one role in an account: one of those ARNs is the role's.
 * @param role `arn:…:role/NAME`, without a path
 */
export const namedBy = (policies: readonly (PolicyDocument | null)[], role: string): string[] =>
  rolesAmong(policies.flatMap(principalsOf), role);

/** Those that conditions on aws:PrincipalArn spell out: nobody has checked them. */
export const spelledBy = (policies: readonly (PolicyDocument | null)[], role: string): string[] =>
  rolesAmong(policies.flatMap(conditionArnsOf), role);

const rolesAmong = (names: readonly string[], role: string): string[] => [
  ...new Set(names.filter((name) => roleOf(name) === role && parsePrincipal(name)?.type === 'role')),
];

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

import { parseArn } from '../../policy/arn.ts';
import { asArray, type PolicyDocument, type Statement, testsOf } from '../../policy/document.ts';
import type { Caller, JudgedCall } from '../../policy/evaluate/evaluation.ts';
import { permissionSetIn, rolesOfSet, setsTiedTo } from '../../policy/principals/permission-set.ts';
import { isUniqueId, type Principal, parsePrincipal, roleOf } from '../../policy/principals/principal.ts';
import { namedBy, spelledBy } from '../../policy/principals/role-path.ts';

/** Whom a policy can speak of: one principal, or many whom only an account, an organization or nothing ties together. */
export const readerKinds = [
  'account',
  'user',
  'role',
  'assumedRole',
  'federatedUser',
  'organization',
  'organizationalUnit',
  'permissionSet',
  'everyone',
  'service',
  'identityProvider',
  'canonicalUser',
  'deleted',
] as const;
export type ReaderKind = (typeof readerKinds)[number];

export type Reader = {
  /**
   * An ARN (an account's root ARN, the pattern of a permission set's role), organization id or a unit's path, service name or
   * unique id; `*` for everyone.
   */
  name: string;
  kind: ReaderKind;
  caller: Caller;
  /** Condition keys that follow from who it is, beyond those that the caller has. */
  context: JudgedCall['context'];
};

/** Whether it is one that a statement names by itself, as an AWS principal. */
export const isPrincipal = ({ kind }: Reader): boolean =>
  ['account', 'user', 'role', 'assumedRole', 'federatedUser'].includes(kind);

/** Reads a name as it stands in a policy, a share or a request. */
export function readerOf(name: string, partition: string): Reader {
  const principal = parsePrincipal(name, partition);
  if (principal !== undefined) {
    return { name: principal.arn, kind: principal.type, caller: callerOf(principal), context: {} };
  }
  const set = permissionSetIn(name);
  if (set !== undefined) {
    const arns = rolesOfSet(set, partition);
    const caller: Caller = { ...SOMEONE, account: set.account, arns };
    return { name: arns[0] ?? name, kind: 'permissionSet', caller, context: {} };
  }
  if (UNIT.test(name)) return { name, kind: 'organizationalUnit', caller: SOMEONE, context: inUnit(name) };
  if (/^o-[a-z0-9]{10,32}$/.test(name)) {
    return { name, kind: 'organization', caller: SOMEONE, context: { 'aws:PrincipalOrgID': name } };
  }
  if (isUniqueId(name)) return { name, kind: 'deleted', caller: { ...SOMEONE, uniqueId: name }, context: {} };
  if (/\.amazonaws\.com(\.cn)?$/.test(name)) {
    return { name, kind: 'service', caller: { type: 'service', arn: '', account: '', service: name }, context: {} };
  }
  if (name === '*') return { name, kind: 'everyone', caller: SOMEONE, context: {} };
  const isCanonical = /^[0-9a-f]{64}$/.test(name);
  const account = parseArn(name)?.account ?? '';
  const context: Record<string, string> = isCanonical ? {} : { 'aws:FederatedProvider': name };
  return { name, kind: isCanonical ? 'canonicalUser' : 'identityProvider', caller: { ...SOMEONE, account }, context };
}

/** A place in an organization, as aws:PrincipalOrgPaths has it, without its last slash. */
const UNIT = /^o-[a-z0-9]{10,32}(?:\/[a-z0-9-]+)+$/;
const inUnit = (path: string): Reader['context'] => ({
  'aws:PrincipalOrgID': path.split('/')[0] ?? '',
  'aws:PrincipalOrgPaths': { globs: [`${path}/*`], multivalued: true },
});

const SOMEONE: Caller = { type: 'someone', arn: '', account: '' };

/** The caller that a principal of a policy stands for, as far as its ARN tells: an account for any principal of it. */
function callerOf(principal: Principal): Caller {
  const { arn, account, type } = principal;
  if (type === 'account') return { ...SOMEONE, account };
  if (type === 'role') return { type: 'assumedRole', arn, account };
  if (type === 'assumedRole') return { type, arn: roleOf(arn) ?? arn, account, sessionArn: arn, anyPath: true };
  if (type === 'federatedUser') return { type, arn, account, sessionArn: arn };
  return { type, arn, account };
}

/**
 * The same with what policies tell of a role's path. A session shows none, and who writes a role's ARN without one may
 * not know it: where a condition spells it with a path, either may be so.
 */
export function withPath(reader: Reader, policies: readonly (PolicyDocument | null)[]): Reader {
  const { caller } = reader;
  const role = caller.type === 'assumedRole' ? roleOf(caller.arn) : undefined;
  if (role === undefined) return reader;
  const [named, ...others] = namedBy(policies, role);
  if (named !== undefined && others.length === 0)
    return { ...reader, caller: { ...caller, arn: named, anyPath: false } };
  const isDoubtful = caller.arn === role && spelledBy(policies, role).some((arn) => arn !== role);
  return isDoubtful ? { ...reader, caller: { ...caller, anyPath: true } } : reader;
}

/**
 * The names that a statement speaks of. `Principal: "*"` with a condition that ties it to principals, accounts or
 * organizations speaks of those; NotPrincipal, and what no such condition ties, of everyone.
 */
export function namesIn(statement: Statement): string[] {
  const { Principal } = statement;
  const sets = setsTiedTo(statement);
  if (sets.length > 0) return sets.flatMap((set) => rolesOfSet(set, 'aws')[0] ?? []);
  if (Principal !== undefined && Principal !== '*' && !asArray(Principal.AWS).includes('*')) {
    return Object.values(Principal).flatMap((names) => asArray(names));
  }
  if (Principal === undefined) return ['*'];
  const units = unitsTiedTo(statement);
  if (units.length > 0) return units;
  const tests = testsOf(statement).filter(({ operator }) => /^(String|Arn)(Equals|Like)$/.test(operator));
  const tied = TYING_KEYS.map((wanted) =>
    tests.flatMap(({ key, values }) => (key.toLowerCase() === wanted ? values : [])),
  );
  return tied.find((values) => values.length > 0 && values.every((value) => !/[*?]|\$\{/.test(value))) ?? ['*'];
}

/** The narrowest first. */
const TYING_KEYS = ['aws:principalarn', 'aws:principalaccount', 'aws:principalorgid'];

/** The units, where everybody whom the statement is about is of one. */
function unitsTiedTo(statement: Statement): string[] {
  const test = testsOf(statement).find(
    ({ operator, key }) => operator === 'ForAnyValue:StringLike' && key.toLowerCase() === 'aws:principalorgpaths',
  );
  const paths = (test?.values ?? []).map((value) => value.replace(/\/\*$/, ''));
  return paths.every((path, index) => UNIT.test(path) && test?.values[index] === `${path}/*`) ? paths : [];
}

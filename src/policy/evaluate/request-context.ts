import { parseArn } from '../arn.ts';
import { perList } from '../per-document.ts';
import { accountNamed, isSession } from '../principals/principal.ts';
import { type Caller, type ContextValue, hasAccount, type JudgedCall } from './evaluation.ts';
import { oneOf, type Value } from './text-set.ts';

/**
 * What is known of one condition key in a request. `values` is empty unless it is present. `maybeAbsent`: whether it is
 * there is not known, only what it is if so.
 */
export type KeyState = {
  is: 'present' | 'absent' | 'unknown';
  values: readonly Value[];
  multivalued: boolean;
  maybeAbsent?: boolean;
};

/** Finds a condition key without regard to case (IAM User Guide, "IAM JSON policy elements: Condition"). */
export type RequestContext = (key: string) => KeyState;

/** What the request says, and what its caller and its resource say, which no given context overrules. */
export function contextOf(request: JudgedCall): RequestContext {
  // Read when a policy asks for a key: most don't.
  let given: ReadonlyMap<string, ContextValue> | undefined;
  const missing = request.contextIs === 'complete' ? ABSENT : UNKNOWN;
  const find = (name: string): ContextValue | undefined => {
    given ??= new Map(Object.entries(request.context).map(([key, value]) => [key.toLowerCase(), value]));
    return KEYS.get(name)?.(request) ?? given.get(name);
  };
  return (key) => {
    const name = key.toLowerCase();
    const value = find(name) ?? (missing === UNKNOWN ? followingFrom(name, request.caller, find) : undefined);
    return value === undefined ? missing : stateOf(value);
  };
}

/** Those of the keys whose values are not known, or not one. */
export const unknownAmong = (keys: readonly string[], context: RequestContext): string[] =>
  keys.filter((key) => {
    const { is, values, maybeAbsent } = context(key);
    return is === 'unknown' || maybeAbsent === true || values.some((value) => typeof value !== 'string');
  });

/**
 * The keys of the time: how AWS spells it is not documented, so that only what reads dates and numbers can tell.
 * Source: IAM User Guide, "AWS global condition context keys", aws:CurrentTime and aws:EpochTime.
 */
export const isClock = (key: string): boolean => /^aws:(CurrentTime|EpochTime)$/i.test(key);

export const ABSENT: KeyState = { is: 'absent', values: [], multivalued: false };
export const UNKNOWN: KeyState = { is: 'unknown', values: [], multivalued: false };

const isList = (value: ContextValue): value is readonly string[] => Array.isArray(value);

/** A string is the value of a single-valued key, an array that of a multivalued one; an empty array is no value. */
function stateOf(value: ContextValue): KeyState {
  if (typeof value === 'string') return { is: 'present', values: [value], multivalued: false };
  if (!isList(value)) {
    const { multivalued = false, maybeAbsent = false, ...set } = value;
    return { is: 'present', values: [set], multivalued, maybeAbsent };
  }
  return value.length === 0 ? ABSENT : { is: 'present', values: value, multivalued: true };
}

/** Whether the caller has a permissions boundary: no condition key, but as unknown as those where nobody tells. */
export const BOUNDARY = 'permissionsBoundary';

/** A value that is surely not there. */
const NONE: readonly string[] = [];

/**
 * The keys that follow from who calls and from the resource; undefined where they don't tell.
 * Source: IAM User Guide, "AWS global condition context keys" (properties of the principal) and "IAM policy elements:
 * Variables and tags" (principal key values).
 */
const KEYS: ReadonlyMap<string, (request: JudgedCall) => ContextValue | undefined> = new Map<
  string,
  (request: JudgedCall) => ContextValue | undefined
>([
  ['aws:resourceaccount', ({ resourceAccount }) => resourceAccount],
  ['aws:principalarn', ({ caller, resource }) => (hasAccount(caller) ? principalArn(caller, resource) : NONE)],
  ['aws:principalaccount', ofCaller((caller) => (hasAccount(caller) ? principalAccount(caller) : NONE))],
  ['aws:principaltype', ofCaller(({ type }) => PRINCIPAL_TYPES[type])],
  ['aws:principalisawsservice', ofCaller(({ type }) => (type === 'anonymous' ? NONE : String(type === 'service')))],
  ['aws:principalservicename', ofCaller(({ type, service }) => (type === 'service' ? service : NONE))],
  ['aws:username', ofCaller(userName)],
  ['aws:userid', ofCaller(userId)],
  [BOUNDARY.toLowerCase(), ofCaller(({ isBounded }) => (isBounded === false ? NONE : isBounded && 'true'))],
]);

function ofCaller<T>(read: (caller: Caller) => T): (request: JudgedCall) => T {
  return ({ caller }) => read(caller);
}

/**
 * The ARNs that an unknown principal of an account may have. Of many accounts an anonymous caller may be one, who has
 * none. Source: IAM User Guide, "AWS global condition context keys", aws:PrincipalArn.
 */
function principalArn({ type, arn, arns, account, anyPath, except = NONE }: Caller, resource: Value): ContextValue {
  if (arns !== undefined) return { globs: arns, except: arnsOfAll(except) };
  if (type === 'someone') {
    const partition = parseArn(oneOf(resource))?.partition ?? '*';
    const [iam, sts] = ['iam', 'sts'].map((service) => `arn:${partition}:${service}::${account || ANY_ACCOUNT}:`);
    const globs = [`${iam}root`, `${iam}user/*`, `${iam}role/*`, `${sts}federated-user/*`];
    return { globs, except: arnsOfAll(except), maybeAbsent: account === '' };
  }
  if (anyPath !== true) return arn;
  return { globs: [arn, arn.replace(':role/', ':role/*/')] };
}

const ANY_ACCOUNT = '?'.repeat(12);

/** What aws:PrincipalArn holds for those whom the name of a policy stands for. A session leaves others of its role. */
function arnsOf(name: string): string[] {
  if (isSession(name)) return [];
  const account = accountNamed(name);
  return account === undefined ? [name] : ['iam', 'sts'].map((service) => `arn:*:${service}::${account}:*`);
}

const arnsOfAll = perList((names: readonly string[]) => names.flatMap(arnsOf));
const accountsOfAll = perList((names: readonly string[]) => names.flatMap((name) => accountNamed(name) ?? []));

function principalAccount({ account, except = NONE }: Caller): ContextValue {
  if (account !== '') return account;
  return { globs: [ANY_ACCOUNT], except: accountsOfAll(except), maybeAbsent: true };
}

type Find = (name: string) => ContextValue | undefined;

/** Who has no account is of no organization, and has no tags (same page, properties of the principal). */
function followingFrom(name: string, caller: Caller, find: Find): ContextValue | undefined {
  if (!hasAccount(caller) && /^aws:principal(org|tag)/.test(name)) return NONE;
  return FOLLOWING.get(name)?.(find);
}

/**
 * Keys that follow from others that are given: who is of an organization is in it somewhere.
 * Source: IAM User Guide, "AWS global condition context keys", aws:PrincipalOrgID and aws:PrincipalOrgPaths.
 */
const FOLLOWING: ReadonlyMap<string, (find: Find) => ContextValue | undefined> = new Map([
  ['aws:principalorgpaths', (find) => pathsOf(find('aws:principalorgid'))],
  ['aws:principalorgid', (find) => organizationOf(find('aws:principalorgpaths'))],
]);

function pathsOf(organization: ContextValue | undefined): ContextValue | undefined {
  if (organization === undefined) return undefined;
  if (typeof organization === 'string') return { globs: [`${organization}/*`], multivalued: true };
  if (isList(organization)) return organization.length === 0 ? NONE : undefined;
  const within = (globs: readonly string[]) => globs.map((glob) => `${glob}/*`);
  const { globs, except = [], maybeAbsent = false } = organization;
  return { globs: within(globs), except: within(except), maybeAbsent, multivalued: true };
}

function organizationOf(paths: ContextValue | undefined): ContextValue | undefined {
  if (paths === undefined || typeof paths === 'string' || !isList(paths)) return undefined;
  const [organization, ...others] = new Set(paths.map((path) => path.split('/')[0] ?? ''));
  return others.length > 0 ? undefined : (organization ?? NONE);
}

const PRINCIPAL_TYPES = {
  account: 'Account',
  user: 'User',
  assumedRole: 'AssumedRole',
  federatedUser: 'FederatedUser',
  someone: undefined,
  service: undefined,
  anonymous: 'Anonymous',
} as const;

function userName({ type, arn }: Caller): string | readonly string[] | undefined {
  if (type === 'someone') return undefined;
  return type === 'user' ? lastPart(arn) : NONE;
}

function userId({ type, account, uniqueId, arn, sessionArn }: Caller): string | readonly string[] | undefined {
  if (type === 'anonymous') return NONE;
  if (type === 'someone') return undefined;
  if (type === 'account') return account;
  if (type === 'federatedUser') return `${account}:${lastPart(arn)}`;
  if (type === 'assumedRole') return uniqueId && sessionArn && `${uniqueId}:${lastPart(sessionArn)}`;
  return uniqueId;
}

const lastPart = (arn: string): string => arn.slice(arn.lastIndexOf('/') + 1);

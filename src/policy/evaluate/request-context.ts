import { type AccessRequest, type Caller, hasAccount } from './evaluation.ts';

/** What is known of one condition key in a request. `values` is empty unless it is present. */
export type KeyState = { is: 'present' | 'absent' | 'unknown'; values: readonly string[]; multivalued: boolean };

/** Finds a condition key without regard to case (IAM User Guide, "IAM JSON policy elements: Condition"). */
export type RequestContext = (key: string) => KeyState;

/** What the request says, and what its caller and its resource say, which no given context overrules. */
export function contextOf(request: AccessRequest): RequestContext {
  // Read when a policy asks for a key: most don't.
  let given: ReadonlyMap<string, string | readonly string[]> | undefined;
  const missing = request.contextIs === 'complete' ? ABSENT : UNKNOWN;
  return (key) => {
    const name = key.toLowerCase();
    given ??= new Map(Object.entries(request.context).map(([key, value]) => [key.toLowerCase(), value]));
    const value = KEYS.get(name)?.(request) ?? given.get(name);
    return value === undefined ? missing : stateOf(value);
  };
}

/** Those of the keys of which the request does not tell whether it has them. */
export const unknownAmong = (keys: readonly string[], context: RequestContext): string[] =>
  keys.filter((key) => context(key).is === 'unknown');

const ABSENT: KeyState = { is: 'absent', values: [], multivalued: false };
const UNKNOWN: KeyState = { is: 'unknown', values: [], multivalued: false };

/** A string is the value of a single-valued key, an array that of a multivalued one; an empty array is no value. */
function stateOf(value: string | readonly string[]): KeyState {
  if (typeof value === 'string') return { is: 'present', values: [value], multivalued: false };
  return value.length === 0 ? ABSENT : { is: 'present', values: value, multivalued: true };
}

/** A value that is surely not there. */
const NONE: readonly string[] = [];

/**
 * The keys that follow from who calls and from the resource; undefined where they don't tell.
 * Source: IAM User Guide, "AWS global condition context keys" (properties of the principal) and "IAM policy elements:
 * Variables and tags" (principal key values).
 */
const KEYS: ReadonlyMap<string, (request: AccessRequest) => string | readonly string[] | undefined> = new Map([
  ['aws:resourceaccount', ({ resourceAccount }: AccessRequest) => resourceAccount],
  ['aws:principalarn', ofCaller((caller) => (hasAccount(caller) ? caller.arn || undefined : NONE))],
  ['aws:principalaccount', ofCaller((caller) => (hasAccount(caller) ? caller.account || undefined : NONE))],
  ['aws:principaltype', ofCaller(({ type }) => PRINCIPAL_TYPES[type])],
  ['aws:principalisawsservice', ofCaller(({ type }) => (type === 'anonymous' ? NONE : String(type === 'service')))],
  ['aws:principalservicename', ofCaller(({ type, service }) => (type === 'service' ? service : NONE))],
  ['aws:username', ofCaller(userName)],
  ['aws:userid', ofCaller(userId)],
]);

function ofCaller<T>(read: (caller: Caller) => T): (request: AccessRequest) => T {
  return ({ caller }) => read(caller);
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

import type { AccessRequest, Caller } from './evaluation.ts';

/** What is known of one condition key in a request. `values` is empty unless it is present. */
export type KeyState = { is: 'present' | 'absent' | 'unknown'; values: readonly string[]; multivalued: boolean };

/** Finds a condition key without regard to case (IAM User Guide, "IAM JSON policy elements: Condition"). */
export type RequestContext = (key: string) => KeyState;

/** What the request says, and what its caller and its resource say, which no given context overrules. */
export function contextOf(request: AccessRequest): RequestContext {
  const keys = new Map<string, KeyState>();
  for (const [key, value] of Object.entries(request.context)) keys.set(key.toLowerCase(), stateOf(value));
  for (const [key, value] of Object.entries(callerKeys(request.caller))) {
    if (value !== undefined) keys.set(key, stateOf(value));
  }
  keys.set('aws:resourceaccount', stateOf(request.resourceAccount));
  const missing = request.contextIs === 'complete' ? ABSENT : UNKNOWN;
  return (key) => keys.get(key.toLowerCase()) ?? missing;
}

/** Those of the keys of which the request does not tell whether it has them. */
export const unknownAmong = (keys: readonly string[], context: RequestContext): string[] =>
  keys.filter((key) => context(key).is === 'unknown');

const ABSENT: KeyState = { is: 'absent', values: [], multivalued: false };
const UNKNOWN: KeyState = { is: 'unknown', values: [], multivalued: false };

/** A string is the value of a single-valued key, an array that of a multivalued one; an empty array is no value. */
function stateOf(value: string | readonly string[] | null): KeyState {
  if (typeof value === 'string') return { is: 'present', values: [value], multivalued: false };
  if (value === null || value.length === 0) return ABSENT;
  return { is: 'present', values: value, multivalued: true };
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

/**
 * The keys that follow from who calls: null where a request of such a caller surely has no such key, undefined where
 * we can't tell. Source: IAM User Guide, "AWS global condition context keys" (properties of the principal) and
 * "IAM policy elements: Variables and tags" (principal key values).
 */
function callerKeys(caller: Caller): Record<string, string | null | undefined> {
  const inAccount = caller.type !== 'service' && caller.type !== 'anonymous';
  return {
    'aws:principalarn': inAccount ? caller.arn || undefined : null,
    'aws:principalaccount': inAccount ? caller.account || undefined : null,
    'aws:principaltype': PRINCIPAL_TYPES[caller.type],
    'aws:principalisawsservice': caller.type === 'anonymous' ? null : String(caller.type === 'service'),
    'aws:principalservicename': caller.type === 'service' ? caller.service : null,
    'aws:username': caller.type === 'user' ? lastPart(caller.arn) : caller.type === 'someone' ? undefined : null,
    'aws:userid': userId(caller),
  };
}

function userId({ type, account, uniqueId, arn, sessionArn }: Caller): string | null | undefined {
  if (type === 'anonymous') return null;
  if (type === 'someone') return undefined;
  if (type === 'account') return account;
  if (type === 'federatedUser') return `${account}:${lastPart(arn)}`;
  if (type === 'assumedRole') return uniqueId && sessionArn && `${uniqueId}:${lastPart(sessionArn)}`;
  return uniqueId;
}

const lastPart = (arn: string): string => arn.slice(arn.lastIndexOf('/') + 1);

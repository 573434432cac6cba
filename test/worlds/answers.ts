/** The service's answers, as far as they say something definite. Source: the HTTP contract (openapi/openapi.json). */

export type Leg = {
  leg: 'secretPolicy' | 'keyPolicy' | 'identityPolicy' | 'organization';
  status: 'done' | 'missing' | 'unknown' | 'notNeeded';
  region?: string;
  detail: string;
  exceptions?: readonly { principal: string }[];
  unlessLimitedBy?: readonly string[];
};
export type Decision = 'allowed' | 'explicitlyDenied' | 'implicitlyDenied' | 'unknown';
export type Exception = { principal: string; decision: Decision };
export type Check = {
  principal: string;
  decision: Decision;
  legs: Leg[];
  dependsOn: object[];
  exceptions?: Exception[];
};
type Reader = Check & { kind: string; expired: boolean; orphaned: boolean };
type Denied = { principal: string; dependsOn: object[]; exceptions?: Exception[] };
export type Readers = { items: Reader[]; denied: Denied[]; nextCursor: string | null };
export type EffectItem = { principal: string; kind: string; actions: string[]; conditions: string[]; except: string[] };
export type Change = {
  legs: Leg[];
  exceptions?: Exception[];
  warnings: { code: string; message: string }[];
  summary?: string;
  effect?: { gains: EffectItem[]; loses: EffectItem[] };
};

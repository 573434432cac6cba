import type { Source } from '../audit/event.ts';
import { canonicalJson } from '../json/canonical-json.ts';

/** What callers may be let do: each is what a guardrail that ships asks for. */
export const SCOPES = [
  'policy:read',
  'policy:write',
  'audit:read',
  'estate:read',
  'access:request',
  'incident:write',
] as const;

/** Who calls us. `scopes` are some of SCOPES; `groups` come from the token or the key file. */
export type Identity = {
  subject: string;
  issuer: string | null;
  method: 'jwt' | 'apiKey' | 'none' | 'system';
  groups: string[];
  scopes: string[];
};

/** The same for the same caller, whatever scopes it has today: a subject is unique to its issuer only. */
export const callerKey = ({ method, issuer, subject }: Identity): string => canonicalJson([method, issuer, subject]);

/** Who asks for a change, and how the request can be found again. */
export type Requester = {
  identity: Identity;
  source: Source;
  requestId: string | null;
  traceId: string | null;
};

/** The service itself, for its chores. No caller can be it: authenticators never give the method `system`. */
export const SYSTEM: Requester = {
  identity: { subject: 'secret-access-service', issuer: null, method: 'system', groups: [], scopes: [] },
  source: { ip: null, userAgent: null },
  requestId: null,
  traceId: null,
};

import type { Source } from '../audit/event.ts';

/** Who calls us. `scopes` are `policy:read`, `policy:write`, `audit:read`; `groups` come from the token or the key file. */
export type Identity = {
  subject: string;
  issuer: string | null;
  method: 'jwt' | 'apiKey' | 'none' | 'system';
  groups: string[];
  scopes: string[];
};

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

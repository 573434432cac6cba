import type { Requester } from './change.ts';

/** The service itself, for its chores. No caller can be it: authenticators never give the method `system`. */
export const SYSTEM: Requester = {
  identity: { subject: 'secret-access-service', issuer: null, method: 'system', groups: [], scopes: [] },
  source: { ip: null, userAgent: null },
  requestId: null,
  traceId: null,
};

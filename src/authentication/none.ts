import type { Identity } from '../access/identity.ts';
import type { ClosableAuthenticator } from './authenticator.ts';

const anyone: Identity = {
  subject: 'anonymous',
  issuer: null,
  method: 'none',
  groups: [],
  scopes: ['policy:read', 'policy:write', 'audit:read', 'estate:read', 'access:request', 'incident:write'],
};

/** Everybody is let in with every scope. For loopback only; config.ts sees to that. */
export const createOpenAuthenticator = (): ClosableAuthenticator => ({
  authenticate: async () => anyone,
  close() {},
});

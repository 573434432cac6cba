import { type Identity, SCOPES } from '../access/identity.ts';
import type { ClosableAuthenticator } from './authenticator.ts';

const anyone: Identity = {
  subject: 'anonymous',
  issuer: null,
  method: 'none',
  groups: [],
  scopes: [...SCOPES],
};

/** Everybody is let in with every scope. For loopback only; config.ts sees to that. */
export const createOpenAuthenticator = (): ClosableAuthenticator => ({
  authenticate: async () => anyone,
  close() {},
});

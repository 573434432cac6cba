import pino from 'pino';
import t from 'tap';
import { createAuthenticator } from '../../src/authentication/index.ts';

t.test('without authentication everybody has every scope and no group', async (t) => {
  const authenticator = await createAuthenticator(
    { mode: 'none' },
    { clock: () => new Date(), log: pino({ level: 'silent' }) },
  );
  t.teardown(() => authenticator.close());
  for (const credentials of [{}, { authorization: 'Bearer x', apiKey: 'y' }]) {
    t.strictSame(await authenticator.authenticate(credentials), {
      subject: 'anonymous',
      issuer: null,
      method: 'none',
      groups: [],
      scopes: ['policy:read', 'policy:write', 'audit:read', 'estate:read', 'access:request', 'incident:write'],
    });
  }
});

import pino from 'pino';
import t from 'tap';
import { createAuthenticator } from '../../src/authentication/index.ts';
import { AUDIENCE } from './issuer.ts';
import { listenAsProvider } from './real-provider.ts';

t.test('a JWT access token of a real OpenID Connect provider lets its client in', async (t) => {
  const { issuer, serve } = await listenAsProvider(t);
  serve({
    clients: [
      {
        client_id: 'deployer',
        client_secret: 'a-secret-of-this-test',
        grant_types: ['client_credentials'],
        redirect_uris: [],
        response_types: [],
        id_token_signed_response_alg: 'ES256',
      },
    ],
    features: {
      clientCredentials: { enabled: true },
      devInteractions: { enabled: false },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: (_context: unknown, resource: string) => ({
          scope: 'policy:read policy:write',
          audience: resource,
          accessTokenTTL: 60,
          accessTokenFormat: 'jwt',
          jwt: { sign: { alg: 'ES256' } },
        }),
      },
    },
  });

  const tokenFor = async (resource: string): Promise<string> => {
    const response = await fetch(`${issuer}/token`, {
      method: 'POST',
      headers: { authorization: `Basic ${Buffer.from('deployer:a-secret-of-this-test').toString('base64')}` },
      body: new URLSearchParams({ grant_type: 'client_credentials', scope: 'policy:write', resource }),
    });
    const body = (await response.json()) as { access_token: string };
    t.equal(response.status, 200, JSON.stringify(body));
    return body.access_token;
  };
  const authenticator = await createAuthenticator(
    { mode: 'jwt', issuer, audience: AUDIENCE },
    { clock: () => new Date(), log: pino({ level: 'silent' }) },
  );
  t.teardown(() => authenticator.close());
  const ask = (token: string) => authenticator.authenticate({ authorization: `Bearer ${token}` });

  t.strictSame(await ask(await tokenFor(AUDIENCE)), {
    subject: 'deployer',
    issuer,
    method: 'jwt',
    groups: [],
    scopes: ['policy:write'],
  });
  await t.rejects(ask(await tokenFor('https://other.example.com')), {
    code: 'unauthenticated',
    message: /another audience/,
  });
});

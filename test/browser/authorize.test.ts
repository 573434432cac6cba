import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair } from 'jose';
import type { Page } from 'playwright-core';
import t, { type Test } from 'tap';
import type { App } from '../../app.ts';
import { AUDIENCE, createSigningKey, startIssuer } from '../authentication/issuer.ts';
import { buildWithCallers } from '../callers.ts';
import { build } from '../helper.ts';
import { listen, scene, startBrowser } from './browser.ts';
import { authorize, call } from './swagger-ui.ts';

// oidc-provider comes without types.
type ProviderClass = new (issuer: string, configuration: object) => { callback(): RequestListener };
const { default: Provider }: { default: ProviderClass } = await import('oidc-provider' as string);

const CLIENT = 'swagger-ui';
/** The team that demo/database is of. */
const TEAM = 'payments';

/** Shares from the page. @returns who did it, as the audit log has it */
async function shareAs(t: Test, page: Page, { services }: App): Promise<string | undefined> {
  t.equal((await (await call(page, 'Share', 'createShare')).execute()).status, '201');
  const { items } = await services.journal.list({ action: 'share' }, { limit: 1 });
  return items[0]?.actor.subject;
}

/** A real OpenID Connect provider, whose own pages let anybody in under any name. It listens before it knows its clients. */
async function startProvider(t: Test) {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => {
    server.close();
    server.closeAllConnections();
  });
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const { privateKey } = await generateKeyPair('ES256', { extractable: true });
  const jwks = { keys: [{ ...(await exportJWK(privateKey)), alg: 'ES256', use: 'sig', kid: 'es-1' }] };
  return {
    issuer,
    serve(redirectUri: string) {
      const provider = new Provider(issuer, {
        jwks,
        clients: [
          {
            client_id: CLIENT,
            token_endpoint_auth_method: 'none',
            grant_types: ['authorization_code'],
            response_types: ['code'],
            redirect_uris: [redirectUri],
            id_token_signed_response_alg: 'ES256',
          },
        ],
        scopes: ['policy:read', 'policy:write', 'audit:read'],
        clientBasedCORS: () => true,
        extraTokenClaims: () => ({ groups: [TEAM] }),
        features: {
          resourceIndicators: {
            enabled: true,
            defaultResource: () => AUDIENCE,
            useGrantedResource: () => true,
            getResourceServerInfo: (_context: unknown, audience: string) => ({
              scope: 'policy:read policy:write audit:read',
              audience,
              accessTokenTTL: 300,
              accessTokenFormat: 'jwt',
              jwt: { sign: { alg: 'ES256' } },
            }),
          },
        },
      });
      server.on('request', provider.callback());
    },
  };
}

const found = await startBrowser(t);
if (found.browser === undefined) {
  t.pass('Authorize in a browser', { skip: found.why });
} else {
  const { browser } = found;

  await scene(
    t,
    browser,
    'an API key is pasted, used, and forgotten with the page',
    async (t, page) => {
      const { app, keys } = await buildWithCallers(t, { carol: { groups: [TEAM] } });
      await page.goto(`${await listen(app)}/docs`);
      t.equal((await (await call(page, 'Look', 'listSecrets')).execute()).status, '401');
      await authorize(page, 'apiKey', keys.carol);
      t.equal(await shareAs(t, page, app), 'carol');
      t.equal(await page.evaluate('localStorage.length + sessionStorage.length'), 0);
    },
    { refusals: true },
  );

  await scene(t, browser, 'a bearer token is pasted and used', async (t, page) => {
    const issuer = await startIssuer(t);
    const key = await createSigningKey('es', 'ES256');
    issuer.state.keys = [key.jwk];
    const env = { AUTH_MODE: 'jwt', JWT_ISSUER: issuer.issuer, JWT_AUDIENCE: AUDIENCE };
    const { app } = await build(t, { env });
    await page.goto(`${await listen(app)}/docs`);
    const scope = 'policy:read policy:write audit:read';
    await authorize(page, 'bearer', await issuer.sign(key, new Date(), { sub: 'dave', scope, groups: [TEAM] }));
    t.equal(await shareAs(t, page, app), 'dave');
  });

  await scene(t, browser, 'people sign in with a real OpenID Connect provider, by code and PKCE', async (t, page) => {
    const provider = await startProvider(t);
    const { app } = await build(t, {
      env: {
        AUTH_MODE: 'jwt',
        JWT_ISSUER: provider.issuer,
        JWT_AUDIENCE: AUDIENCE,
        SWAGGER_OAUTH_CLIENT_ID: CLIENT,
      },
    });
    const service = await listen(app);
    provider.serve(`${service}/docs/static/oauth2-redirect.html`);
    const { components } = (await (await fetch(`${service}/docs/json`)).json()) as {
      components: { securitySchemes: { oauth2: { flows: object } } };
    };
    t.match(components.securitySchemes.oauth2.flows, {
      authorizationCode: { authorizationUrl: `${provider.issuer}/auth`, tokenUrl: `${provider.issuer}/token` },
    });

    await page.goto(`${service}/docs`);
    await page.locator('.auth-wrapper > .btn.authorize').click();
    const form = page.locator('.auth-container').filter({ hasText: 'authorizationCode' });
    const asked = page
      .context()
      .waitForEvent('request', (request) => request.url().startsWith(`${provider.issuer}/auth?`));
    const opened = page.waitForEvent('popup');
    await form.locator('button.authorize').click();
    t.match((await asked).url(), 'code_challenge_method=S256');
    const popup = await opened;
    await popup.locator('input[name=login]').fill('erin');
    await popup.locator('input[name=password]').fill('any');
    await popup.locator('button[type=submit]').click();
    const closed = popup.waitForEvent('close');
    await popup.getByRole('button', { name: 'Continue' }).click();
    await closed;

    await form.locator('button', { hasText: 'Logout' }).waitFor();
    await page.locator('.btn-done').last().click();
    t.equal(await shareAs(t, page, app), 'erin');
  });
}

import t from 'tap';
import { build } from '../helper.ts';

const { app } = await build(t);
const cspOf = (headers: Record<string, unknown>) => String(headers['content-security-policy']);

t.test('whatever is answered, nothing in it may run, be framed, sniffed or kept', async (t) => {
  for (const url of [
    '/v1/secrets',
    '/v1/nothing',
    '/livez',
    '/v1/secrets/%00',
    '/problems/forbidden',
    '/v1/secrets?x=1',
  ]) {
    const { headers } = await app.inject({ url });
    t.match(cspOf(headers), /^default-src 'none';/, url);
    t.match(cspOf(headers), /frame-ancestors 'none'/, url);
    t.match(
      headers,
      { 'x-content-type-options': 'nosniff', 'x-frame-options': 'DENY', 'cache-control': 'no-store' },
      url,
    );
    t.equal(headers['strict-transport-security'], undefined, 'plain HTTP asks for no HTTPS');
    t.notMatch(cspOf(headers), 'upgrade-insecure-requests');
    t.equal(headers['x-powered-by'], undefined);
  }
});

t.test('Swagger UI may load its own files and call its own service, and nothing else', async (t) => {
  for (const url of [
    '/docs',
    '/docs/',
    '/docs/static/swagger-ui-bundle.js',
    '/docs/static/oauth2-redirect.html?code=1&state=2',
  ]) {
    const { headers, statusCode } = await app.inject({ url });
    t.equal(statusCode, 200, url);
    t.match(cspOf(headers), /script-src 'self';/, url);
    t.match(cspOf(headers), /connect-src 'self'(;|$)/, url);
    t.notMatch(cspOf(headers), 'upgrade-insecure-requests', url);
  }
});

t.test(
  'Swagger UI may ask an OpenID Connect issuer for a token where it is a client of it, and not else',
  async (t) => {
    const env = { AUTH_MODE: 'jwt', JWT_ISSUER: 'https://issuer.invalid/realm', JWT_AUDIENCE: 'secrets' };
    const { app } = await build(t, { env: { ...env, SWAGGER_OAUTH_CLIENT_ID: 'docs' } });
    t.match(cspOf((await app.inject('/docs')).headers), "connect-src 'self' https://issuer.invalid");
    t.notMatch(cspOf((await app.inject('/v1/secrets')).headers), 'issuer.invalid');

    const { app: withConsole } = await build(t, { env: { ...env, CONSOLE_OAUTH_CLIENT_ID: 'console' } });
    const { headers, body } = await withConsole.inject('/console');
    t.match(cspOf(headers), /connect-src 'self'(;|$)/, 'nor does the console, while the issuer says nothing');
    t.notMatch(body, /name="sign-in"|\{sign-in\}/);

    const { app: pasteOnly } = await build(t, { env });
    t.notMatch(cspOf((await pasteOnly.inject('/docs')).headers), 'issuer.invalid');
  },
);

t.test('behind a trusted proxy that speaks HTTPS, browsers are told to stay with it', async (t) => {
  const { app } = await build(t, { env: { TRUST_PROXY: '127.0.0.1' } });
  const { headers } = await app.inject({ url: '/livez', headers: { 'x-forwarded-proto': 'https' } });
  t.equal(headers['strict-transport-security'], 'max-age=31536000');
});

import { createSecretKey, createSign, generateKeyPairSync, randomUUID } from 'node:crypto';
import { type JWK, SignJWT, UnsecuredJWT } from 'jose';
import pino from 'pino';
import t, { type Test } from 'tap';
import type { Identity } from '../../src/access/identity.ts';
import { type AuthConfig, createAuthenticator } from '../../src/authentication/index.ts';
import { SLACK_MS } from '../wait.ts';
import { AUDIENCE, createSigningKey, startIssuer } from './issuer.ts';

const rsa = await createSigningKey('rsa-1', 'RS256');
const pss = await createSigningKey('pss-1', 'PS384');
const ec = await createSigningKey('ec-1', 'ES256');
const ed = await createSigningKey('ed-1', 'EdDSA');

/** An issuer, an authenticator for it, and a clock that the test moves. */
async function setUp(t: Test, config: Partial<AuthConfig & { mode: 'jwt' }> = {}) {
  const issuer = await startIssuer(t);
  issuer.state.keys = [rsa.jwk, pss.jwk, ec.jwk, ed.jwk];
  let now = new Date('2026-01-01T00:00:00Z');
  const lines: string[] = [];
  const log = pino({}, { write: (line: string) => void lines.push(line) });
  const authenticator = await createAuthenticator(
    { mode: 'jwt', issuer: issuer.issuer, audience: AUDIENCE, ...config },
    { clock: () => now, log },
  );
  t.teardown(() => authenticator.close());
  return {
    issuer,
    lines,
    now: () => now,
    pass: (seconds: number) => {
      now = new Date(now.getTime() + seconds * 1_000);
    },
    ask: (token: string) => authenticator.authenticate({ authorization: `Bearer ${token}` }),
    sign: (claims?: Record<string, unknown>, header?: object, key = rsa) => issuer.sign(key, now, claims, header),
    authenticate: authenticator.authenticate,
  };
}
const refused = (message: RegExp) => ({ code: 'unauthenticated', message });
const unavailable = { code: 'overloaded', facts: { retryAfter: 5 } };

t.test('RSA, RSA-PSS, elliptic curve and Edwards curve signatures are accepted', async (t) => {
  const { ask, sign, issuer } = await setUp(t);
  for (const key of [rsa, pss, ec, ed]) {
    t.strictSame(await ask(await sign({ scope: 'policy:read', groups: ['a b'] }, {}, key)), {
      subject: 'mary',
      issuer: issuer.issuer,
      method: 'jwt',
      groups: ['a b'],
      scopes: ['policy:read'],
    } satisfies Identity);
  }
  t.strictSame(issuer.requests, { discovery: 1, keys: 1 }, 'one discovery serves all');
});

t.test('a signature that anybody could make is refused', async (t) => {
  const { ask, sign, issuer, now } = await setUp(t);
  const claims = { iss: issuer.issuer, aud: AUDIENCE, sub: 'mary', exp: now().getTime() / 1_000 + 60 };
  const hmac = new SignJWT(claims).setProtectedHeader({ alg: 'HS256', kid: rsa.kid });
  const publicKeyAsSecret = createSecretKey(Buffer.from(JSON.stringify(rsa.jwk)));
  await t.rejects(ask(await hmac.sign(publicKeyAsSecret)), refused(/signed in a way that is not accepted/));
  await t.rejects(ask(new UnsecuredJWT(claims).encode()), refused(/not accepted|not valid/));
  const [head, , signature] = (await sign()).split('.');
  const altered = Buffer.from(JSON.stringify({ ...claims, sub: 'root' })).toString('base64url');
  await t.rejects(ask(`${head}.${altered}.${signature}`), refused(/^The token is not valid\.$/));
  const stranger = await createSigningKey(rsa.kid, 'RS256');
  await t.rejects(ask(await sign({}, {}, stranger)), refused(/^The token is not valid\.$/));
  await t.rejects(ask(await sign({}, { kid: ec.kid })), refused(/^The token is not valid\.$/), "another key's id");
  await t.rejects(
    ask(await sign({}, { jwk: stranger.jwk, jku: 'http://127.0.0.1:1' }, stranger)),
    refused(/not valid/),
  );
  const critical = new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid: rsa.kid, crit: ['x'], x: 1 });
  await t.rejects(
    ask(await critical.sign(rsa.privateKey, { crit: { x: true } })),
    refused(/not valid/),
    'unknown crit',
  );
  for (const text of ['', 'x', 'a.b.c', '..', 'eyJhbGciOiJSUzI1NiJ9..x'])
    await t.rejects(ask(text), { code: 'unauthenticated' });
});

t.test('claims that do not fit are refused in plain words', async (t) => {
  const { ask, sign, now } = await setUp(t);
  const at = (seconds: number) => now().getTime() / 1_000 + seconds;
  const cases: [claims: Record<string, unknown>, message: RegExp][] = [
    [{ aud: 'https://other.example.com' }, /another audience/],
    [{ aud: [] }, /another audience/],
    [{ aud: undefined }, /has no "aud"/],
    [{ iss: 'http://127.0.0.1:1' }, /another issuer/],
    [{ iss: undefined }, /has no "iss"/],
    [{ exp: at(-31) }, /has expired/],
    [{ exp: undefined }, /has no "exp"/],
    [{ exp: 'tomorrow' }, /"exp" is not valid/],
    [{ nbf: at(32) }, /not valid yet/],
    [{ sub: undefined }, /has no "sub"/],
    [{ sub: '' }, /"sub" takes 1 to 255/],
    [{ sub: 7 }, /"sub"/],
    [{ sub: 'x'.repeat(256) }, /"sub" takes 1 to 255/],
    [{ sub: 'mary\nlevel=30 admin' }, /"sub" takes 1 to 255/],
    [{ cnf: { jkt: 'x' } }, /bound to a key/],
    [{ filler: 'x'.repeat(8_192) }, /longer than 8192/],
  ];
  for (const [claims, message] of cases) await t.rejects(ask(await sign(claims)), refused(message), String(message));
  await t.resolves(ask(await sign({ aud: ['x', AUDIENCE] })), 'one of several audiences');
});

t.test('the clocks may differ by the skew that is set, and no more', async (t) => {
  for (const clockSkewSeconds of [0, 30, 300]) {
    const { ask, sign, now } = await setUp(t, { clockSkewSeconds });
    const at = (seconds: number) => now().getTime() / 1_000 + seconds;
    await t.resolves(ask(await sign({ exp: at(1 - clockSkewSeconds), nbf: at(clockSkewSeconds) })));
    await t.rejects(ask(await sign({ exp: at(-clockSkewSeconds) })), refused(/expired/));
    await t.rejects(ask(await sign({ nbf: at(1 + clockSkewSeconds) })), refused(/not valid yet/));
  }
});

t.test('typ says access token or plain JWT, or nothing', async (t) => {
  const { ask, sign } = await setUp(t);
  for (const typ of ['at+jwt', 'AT+JWT', 'application/at+jwt', 'JWT', undefined])
    await t.resolves(ask(await sign({}, { typ })));
  for (const typ of ['logout+jwt', 'dpop+jwt', 'secevent+jwt', 'id_token', 'jwt2']) {
    await t.rejects(ask(await sign({}, { typ })), refused(/not an access token/), typ);
  }
});

t.test('scopes and groups are read wherever issuers put them', async (t) => {
  const { ask, sign } = await setUp(t);
  const read = async (claims: Record<string, unknown>) => {
    const { scopes, groups } = await ask(await sign(claims));
    return { scopes, groups };
  };
  t.strictSame(await read({}), { scopes: [], groups: [] });
  t.strictSame(await read({ scope: ' policy:read  audit:read ' }), {
    scopes: ['policy:read', 'audit:read'],
    groups: [],
  });
  t.strictSame(await read({ scp: 'policy:read policy:write' }), {
    scopes: ['policy:read', 'policy:write'],
    groups: [],
  });
  t.strictSame(await read({ scp: ['policy:read'], groups: 'one group' }), {
    scopes: ['policy:read'],
    groups: ['one group'],
  });
  t.strictSame(await read({ scope: { a: 1 }, groups: [1, null, 'x', ['policy:write']] }), {
    scopes: [],
    groups: ['x'],
  });

  const named = await setUp(t, { groupsClaim: 'cognito:groups', scopesClaim: 'roles' });
  const claims = { 'cognito:groups': ['x'], roles: ['policy:read'], groups: ['y'], scope: 'policy:write' };
  t.match(await named.ask(await named.sign(claims)), { scopes: ['policy:read'], groups: ['x'] });
});

t.test('only a bearer token in the Authorization header counts', async (t) => {
  const { authenticate, sign } = await setUp(t);
  const token = await sign();
  for (const authorization of [
    undefined,
    '',
    token,
    `Basic ${token}`,
    'Bearer',
    `Bearer ${token} x`,
    `Bearer,${token}`,
  ]) {
    await t.rejects(
      authenticate(authorization === undefined ? {} : { authorization }),
      refused(/bearer token is needed/),
    );
  }
  await t.rejects(authenticate({ apiKey: token }), refused(/bearer token is needed/));
  await t.resolves(authenticate({ authorization: `bearer  ${token}` }), 'the scheme has no case');
});

t.test('a new key works at once, and a withdrawn one stops within ten minutes', async (t) => {
  const { issuer, ask, sign, pass } = await setUp(t);
  await ask(await sign());
  const next = await createSigningKey('rsa-2', 'RS256');
  issuer.state.keys = [next.jwk];
  pass(31);
  await t.resolves(ask(await sign({}, {}, next)));
  await t.rejects(ask(await sign()), refused(/not valid/), 'the fetch for the new key took the old one away');
  issuer.state.keys = [];
  pass(599);
  await t.resolves(ask(await sign({}, {}, next)));
  pass(1);
  await t.rejects(ask(await sign({}, {}, next)), refused(/not valid/));
});

t.test('a clock that is put back by an hour keeps neither a withdrawn key nor a new one out', async (t) => {
  const { issuer, ask, sign, pass } = await setUp(t);
  await ask(await sign());
  const next = await createSigningKey('rsa-2', 'RS256');
  issuer.state.keys = [next.jwk];
  pass(-3_600);
  await t.rejects(ask(await sign()), refused(/not valid/));
  await t.resolves(ask(await sign({}, {}, next)));
});

t.test('a flood of unknown key ids costs the issuer one fetch in 30 seconds', async (t) => {
  const { issuer, ask, sign, pass } = await setUp(t);
  await ask(await sign());
  const flood = async () => {
    const tokens = await Promise.all(Array.from({ length: 200 }, () => sign({}, { kid: randomUUID() }, ed)));
    const answers = await Promise.allSettled(tokens.map(ask));
    t.ok(answers.every((answer) => answer.status === 'rejected' && answer.reason.code === 'unauthenticated'));
  };
  await flood();
  t.equal(issuer.requests.keys, 1);
  pass(30);
  await flood();
  await flood();
  t.equal(issuer.requests.keys, 2);
});

t.test('a service that starts before its issuer answers 503, and asks again every five seconds', async (t) => {
  const { issuer, ask, sign, pass, lines } = await setUp(t);
  await issuer.close();
  const token = await sign();
  await t.rejects(ask(token), unavailable);
  await issuer.reopen();
  await t.rejects(ask(token), unavailable);
  t.strictSame(issuer.requests, { discovery: 0, keys: 0 }, 'not asked so soon');
  pass(5);
  await t.resolves(ask(token));
  t.equal(lines.filter((line) => line.includes('could not be fetched')).length, 1);
  t.notMatch(lines.join(), token);
});

t.test('while the issuer is down the keys that we have go on, for a day', async (t) => {
  const { issuer, ask, sign, pass } = await setUp(t);
  await ask(await sign());
  issuer.state.behaviour = 'down';
  for (const seconds of [601, 5, 3_600, 80_000]) {
    pass(seconds);
    await t.resolves(ask(await sign()));
  }
  await t.rejects(ask(await sign({}, { kid: 'new' }, ed)), unavailable, 'a key that it might have made meanwhile');
  pass(86_400);
  await t.rejects(ask(await sign()), unavailable);
  issuer.state.behaviour = 'up';
  pass(5);
  await t.resolves(ask(await sign()));
});

t.test('a stalled issuer holds a call up for three seconds, once', async (t) => {
  const { issuer, ask, sign, pass } = await setUp(t);
  await ask(await sign());
  issuer.state.behaviour = 'stalled';
  pass(601);
  const token = await sign();
  const start = performance.now();
  await Promise.all(Array.from({ length: 20 }, () => ask(token)));
  const first = performance.now() - start;
  await ask(token);
  t.ok(first > 2_500 && first < 3_000 + SLACK_MS, `${Math.round(first)} ms`);
  t.equal(issuer.requests.discovery, 2, 'all wait for the same fetch, the next call for none');
});

t.test('JWKS_URL goes without discovery', async (t) => {
  const other = await startIssuer(t);
  other.state.keys = [rsa.jwk];
  const { issuer, ask, sign } = await setUp(t, { jwksUrl: `${other.issuer}/jwks` });
  await t.resolves(ask(await sign()));
  t.strictSame(issuer.requests, { discovery: 0, keys: 0 });
});

t.test('discovery of another issuer, or keys over plain HTTP, are not believed', async (t) => {
  for (const document of [
    { issuer: 'https://evil.example.com' },
    { jwks_uri: 'http://evil.example.com/' },
    { jwks_uri: 7 },
  ]) {
    const { issuer, ask, sign, lines } = await setUp(t);
    issuer.state.document = document;
    await t.rejects(ask(await sign()), unavailable, JSON.stringify(document));
    t.match(lines.join(), /could not be fetched/);
    t.equal(issuer.requests.keys, 0);
  }
});

t.test('a redirect is not followed', async (t) => {
  const { issuer, ask, sign } = await setUp(t);
  const elsewhere = await startIssuer(t);
  issuer.state.redirect = `${elsewhere.issuer}/jwks`;
  await t.rejects(ask(await sign()), unavailable);
  t.strictSame(elsewhere.requests, { discovery: 0, keys: 0 });
});

t.test('a key of the issuer that is too weak, broken or secret is no key', async (t) => {
  const { issuer, ask, sign, now, lines } = await setUp(t);
  const weak = generateKeyPairSync('rsa', { modulusLength: 1_024 });
  const { n: _, ...broken } = rsa.jwk;
  issuer.state.keys = [
    { ...weak.publicKey.export({ format: 'jwk' }), kid: 'weak', alg: 'RS256' } as JWK,
    broken,
    { kty: 'oct', k: 'c2VjcmV0', kid: 'oct', alg: 'HS256' },
  ];
  const claims = { iss: issuer.issuer, aud: AUDIENCE, sub: 'mary', exp: now().getTime() / 1_000 + 60 };
  const text = [{ alg: 'RS256', kid: 'weak' }, claims]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.');
  const signature = createSign('RSA-SHA256').update(text).sign(weak.privateKey, 'base64url');
  await t.rejects(ask(`${text}.${signature}`), refused(/not valid/));
  t.match(lines.join(), /2048/, 'the operator learns why');
  await t.rejects(ask(await sign()), refused(/not valid/));
  await t.rejects(ask(await sign({}, { kid: 'oct' })), refused(/not valid/));
});

t.test('a configuration that can not be safe is refused', async (t) => {
  const jwt = { mode: 'jwt', issuer: 'https://issuer.example.com', audience: AUDIENCE } as const;
  const deps = { clock: () => new Date(), log: pino({ level: 'silent' }) };
  await t.rejects(createAuthenticator({ ...jwt, issuer: 'http://issuer.example.com' }, deps), /must be an https URL/);
  await t.rejects(
    createAuthenticator({ ...jwt, issuer: 'http://127.0.0.1.example.com' }, deps),
    /must be an https URL/,
  );
  await t.rejects(createAuthenticator({ ...jwt, jwksUrl: 'nonsense' }, deps), /must be an https URL/);
  await t.rejects(createAuthenticator({ ...jwt, clockSkewSeconds: 301 }, deps), /0 to 300 seconds/);
  await t.rejects(createAuthenticator({ ...jwt, clockSkewSeconds: Number.NaN }, deps), /0 to 300 seconds/);
  await t.rejects(createAuthenticator({ ...jwt, audience: '' }, deps), /audience/);
});

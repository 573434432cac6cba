import { randomUUID } from 'node:crypto';
import t from 'tap';
import { buildWithCallers } from '../callers.ts';
import { build, MARY } from '../helper.ts';
import { captureLog } from './log-lines.ts';
import { exchange } from './wire.ts';

/** What must never come out again, by the place it goes in. */
const planted = new Map<string, string>();
const plant = (place: string): string => {
  const secret = `planted-${randomUUID()}`;
  planted.set(place, secret);
  return secret;
};

t.test('no credential and no secret value comes out in logs, answers or audit events', async (t) => {
  const { lines, loggerInstance } = captureLog();
  const { app, aws, keys } = await buildWithCallers(
    t,
    { ann: { groups: ['payments'] } },
    {
      overrides: {
        loggerInstance,
        aws: { credentials: { accessKeyId: 'LOCALSERVICE', secretAccessKey: plant('the secret access key') } },
      },
    },
  );
  planted.set('a valid API key', keys.ann);
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  aws.call('LOCALOWNER', 'us-east-1', 'secretsmanager', 'PutSecretValue', {
    SecretId: 'demo/database',
    SecretString: plant('the value of the secret'),
  });
  const answers: string[] = [];
  const ask = async (
    method: 'GET' | 'POST' | 'PUT' | 'DELETE',
    path: string,
    headers: object,
    payload?: string | object,
  ) => {
    const answer = await app.inject({
      method,
      url: path,
      headers: { ...headers },
      ...(payload !== undefined && { payload }),
    });
    answers.push(JSON.stringify(answer.headers), answer.body);
    return answer;
  };
  const good = {
    'x-api-key': keys.ann,
    cookie: `session=${plant('a cookie')}`,
    'proxy-authorization': plant('the proxy'),
  };
  const json = { ...good, 'content-type': 'application/json' };
  const SHARES = '/v1/secrets/demo%2Fdatabase/shares';

  await ask('GET', '/v1/secrets', { 'x-api-key': plant('a wrong API key') });
  await ask('GET', '/v1/secrets', { authorization: `Bearer ${plant('a wrong bearer token')}` });
  await ask('GET', '/v1/secrets', { authorization: `Basic ${plant('basic credentials')}` });
  await ask('GET', `/v1/secrets?access_token=${plant('a token in the query')}`, good);
  await ask('GET', `/nothing?token=${plant('a token in the query of nothing')}`, good);
  await ask('GET', `/v1/secrets/%zz?token=${plant('a token after a bad path')}`, good);
  await ask('GET', `/docs?token=${plant('a token for the docs')}`, good);
  await ask('POST', SHARES, json, `{"principal": "${plant('a body that is no JSON')}"`);
  await ask('POST', SHARES, json, { principal: plant('a field of the wrong form') });
  await ask('POST', SHARES, json, { principal: MARY, password: plant('an unknown field') });
  await ask('POST', SHARES, json, { principal: MARY, actions: [plant('an unknown action')] });
  await ask('POST', SHARES, { ...json, 'content-type': 'text/plain' }, plant('a body of another type'));
  await ask('POST', SHARES, { ...json, 'idempotency-key': plant('an idempotency key') }, { principal: MARY });
  await ask('POST', SHARES, json, { principal: 'arn:aws:iam::222222222222:role/nobody' });
  await ask('GET', '/v1/secrets/demo%2Fdatabase', good);
  await ask('GET', '/v1/secrets/demo%2Fdatabase/policy', good);
  await ask('GET', '/v1/audit-events', good);
  const broken = `GET /v1/secrets HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${plant('a request that is no HTTP')}\r\nbad header\r\n\r\n`;
  answers.push(JSON.stringify(await exchange(url, broken)));
  const log = lines.join('');
  t.ok(/request refused/.test(log) && /"outcome":"applied"/.test(log), 'the log was at work');
  t.ok(
    answers.some((answer) => answer.includes('"sequence":1')),
    'audit events were read',
  );
  for (const [place, secret] of planted) {
    t.notOk(log.includes(secret), `the log holds ${place}`);
    const echoed = place === 'a field of the wrong form';
    t.equal(
      answers.some((answer) => answer.includes(secret)),
      echoed,
      `an answer holds ${place}`,
    );
  }
});

t.test('a JSON Web Token does not come out either, valid or not', async (t) => {
  const { lines, loggerInstance } = captureLog();
  const env = { AUTH_MODE: 'jwt', JWT_ISSUER: 'http://127.0.0.1:9', JWT_AUDIENCE: 'secrets' };
  const { app } = await build(t, { env, overrides: { loggerInstance } });
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const claims = { iss: env.JWT_ISSUER, aud: env.JWT_AUDIENCE, sub: 'ann', exp: 4_102_444_800, jti: randomUUID() };
  const token = `${part({ alg: 'RS256', kid: randomUUID() })}.${part(claims)}.${'A'.repeat(342)}`;
  for (const authorization of [`Bearer ${token}`, `bearer  ${token}x`, `Bearer ${token} ${token}`]) {
    const answer = await app.inject({ url: '/v1/secrets', headers: { authorization } });
    t.ok([401, 503].includes(answer.statusCode), `${answer.statusCode}`);
    for (const piece of token.split('.')) t.notOk(answer.body.includes(piece) || lines.join('').includes(piece));
  }
  t.ok(lines.length > 0);
});

t.test('an error of the AWS SDK holds the whole request, and its log line does not', async (t) => {
  const { lines, loggerInstance } = captureLog();
  const secretAccessKey = plant('the secret access key');
  const sessionToken = plant('the session token');
  const credentials = { accessKeyId: 'LOCALSERVICE', secretAccessKey, sessionToken };
  const { call } = await build(t, {
    endpoint: () => 'http://127.0.0.1:9',
    overrides: { loggerInstance, aws: { credentials, deadlineMs: 300 } },
  });
  const { status, body } = await call('GET', '/v1/secrets/demo%2Fdatabase');
  t.equal(status, 503);
  const log = lines.join('');
  t.match(log, /request failed/);
  for (const secret of [secretAccessKey, sessionToken]) t.notOk(log.includes(secret) || body.includes(secret));
  t.notMatch(log, /AWS4-HMAC-SHA256|Signature=/);
});

t.test('credentials in an id, in User-Agent or in a path do not get into logs, the journal or answers', async (t) => {
  const { lines, loggerInstance } = captureLog();
  const { app, keys } = await buildWithCallers(t, { ann: { groups: ['payments'] } }, { overrides: { loggerInstance } });
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const own = keys.ann;
  const foreign = {
    key: `sas_${'k'.repeat(43)}`,
    token: `${part({ alg: 'RS256', kid: 'a' })}.${part({ sub: 'ann' })}.${'A'.repeat(86)}`,
    accessKey: `AKIA${'B'.repeat(16)}`,
  };
  const SHARES = '/v1/secrets/demo%2Fdatabase/shares';
  for (const credential of [own, ...Object.values(foreign)]) {
    const headers = { 'x-api-key': own, 'x-request-id': credential, 'user-agent': `curl/8 ${credential} (x)` };
    const shared = await app.inject({ method: 'POST', url: SHARES, headers, payload: { principal: MARY } });
    t.match(String(shared.statusCode), /^20[01]$/);
    t.notMatch(shared.headers, { 'x-request-id': credential });
    const everyOther = [...credential].map((c, i) => (i % 2 ? c : `%${c.charCodeAt(0).toString(16)}`)).join('');
    for (const path of [credential, everyOther, `%zz${everyOther}`]) {
      for (const url of [`/v1/secrets/${path}`, `/v1/secrets/${path}/shares`, `/nothing/${path}`]) {
        await app.inject({ url, headers: { 'x-api-key': own } });
        await app.inject({ method: 'POST', url, headers: { 'x-api-key': own }, payload: { principal: MARY } });
      }
    }
    const events = (await app.inject({ url: '/v1/audit-events', headers: { 'x-api-key': own } })).body;
    t.match(events, /curl\/8 \[redacted\] \(x\)/);
    for (const [where, text] of Object.entries({ events, log: lines.join('') })) {
      t.notOk(text.includes(credential), `${where}: ${credential.slice(0, 8)}`);
      t.notOk(text.includes(everyOther), `${where}, encoded: ${credential.slice(0, 8)}`);
    }
  }
  const plain = { 'x-api-key': own, 'x-request-id': 'build-42', 'user-agent': 'deploy/1.2 (bearer of news)' };
  const kept = await app.inject({
    method: 'POST',
    url: `${SHARES}?dryRun=true`,
    headers: plain,
    payload: { principal: MARY },
  });
  t.equal(kept.headers['x-request-id'], 'build-42');
});

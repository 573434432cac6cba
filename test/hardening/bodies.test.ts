import t, { type Test } from 'tap';
import { cpuSince } from '../cpu.ts';
import { build, MARY } from '../helper.ts';

const { app, call } = await build(t);
const SHARES = '/v1/secrets/demo%2Fdatabase/shares';
const JSON_TYPE = { 'content-type': 'application/json' };

async function refused(
  t: Test,
  status: number,
  code: string,
  payload: string | Buffer | undefined,
  headers: Record<string, string> = JSON_TYPE,
  method: 'POST' | 'DELETE' | 'GET' = 'POST',
  url = SHARES,
) {
  const answer = await app.inject({ method, url, headers, ...(payload !== undefined && { payload }) });
  const said = typeof payload === 'string' ? JSON.stringify(payload.slice(0, 80)) : JSON.stringify(headers);
  t.equal(answer.statusCode, status, said);
  t.equal(answer.json().code, code, said);
  t.match(answer.headers['content-type'], 'application/problem+json');
}

t.afterEach(async () => {
  const { json } = await call('GET', '/v1/secrets/demo%2Fdatabase/policy');
  if (json.policy !== null) throw new Error('a refused body changed the policy');
});

t.test('only JSON in UTF-8 is read', async (t) => {
  const body = JSON.stringify({ principal: MARY });
  const types = [
    'text/plain',
    'text/json',
    'application/xml',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
  ];
  for (const type of [
    ...types,
    'application/json; charset=latin1',
    'application/json;charset="utf-16"',
    'json',
    ';',
    'application/ld+json',
  ])
    await refused(t, 415, 'unsupported-media-type', body, { 'content-type': type });
  await refused(t, 415, 'unsupported-media-type', body, {});
  await refused(t, 415, 'unsupported-media-type', body, { ...JSON_TYPE, 'content-encoding': 'gzip' });
  await refused(t, 400, 'malformed-json', Buffer.from('{"principal":"M\xe4ry"}', 'latin1'));
  await refused(t, 400, 'malformed-json', Buffer.from(body, 'utf16le'));
});

t.test('every spelling of the right type is taken', async (t) => {
  const payload = JSON.stringify({ principal: '222222222222' });
  for (const type of [
    'application/json',
    'Application/JSON; charset=UTF-8',
    'application/json;charset="utf-8"',
    'application/json; charset=utf8',
  ]) {
    const answer = await app.inject({
      method: 'POST',
      url: `${SHARES}?dryRun=true`,
      headers: { 'content-type': type },
      payload,
    });
    t.equal(answer.statusCode, 200, type);
  }
});

t.test('what is not JSON is refused', async (t) => {
  for (const text of [
    '',
    ' ',
    '{',
    '{"principal":',
    'null,',
    "{'principal':'x'}",
    '{"a":1}{"b":2}',
    '{"a":NaN}',
    '{"a":01}',
    '\u0000',
  ])
    await refused(t, 400, 'malformed-json', text);
  for (const text of ['null', '[]', '"text"', '0', 'true']) await refused(t, 400, 'validation-failed', text);
});

t.test('names that would change every object are refused, wherever they are', async (t) => {
  for (const name of ['__proto__', 'constructor', String.raw`\u005f_proto__`, String.raw`const\u0072uctor`]) {
    await refused(t, 400, 'malformed-json', `{"principal":"${MARY}","${name}":{"dryRun":true}}`);
    await refused(t, 400, 'malformed-json', `{"principal":"${MARY}","principalTags":{"${name}":{"a":"b"}}}`);
    await refused(t, 400, 'malformed-json', `[[{"${name}":{}}]]`);
  }
  t.equal(({} as Record<string, unknown>)['dryRun'], undefined);
});

t.test('a name twice is refused: another parser may keep the other one', async (t) => {
  await refused(t, 400, 'malformed-json', `{"principal":"222222222222","principal":"${MARY}"}`);
  await refused(t, 400, 'malformed-json', String.raw`{"principal":"222222222222","princip\u0061l":"123456789999"}`);
  await refused(t, 400, 'malformed-json', '{"principal":"222222222222","principalTags":{"a":"1","a":"2"}}');
  const colons = String.raw`{"principal":"222222222222","reason":"a \"quoted\": text: \\"}`;
  const answer = await app.inject({
    method: 'POST',
    url: `${SHARES}?dryRun=true`,
    headers: JSON_TYPE,
    payload: colons,
  });
  t.equal(answer.statusCode, 200, 'colons and quotes in texts are no names');
});

t.test('nesting has a limit, and reaching it costs nothing', async (t) => {
  const nested = (depth: number) => `${'{"policy":'.repeat(depth)}1${'}'.repeat(depth)}`;
  await refused(t, 400, 'malformed-json', nested(33));
  await refused(t, 400, 'malformed-json', '['.repeat(65_000) + ']'.repeat(65_000));
  await refused(t, 400, 'malformed-json', '['.repeat(130_000));
  await refused(t, 400, 'validation-failed', nested(32));
});

t.test('texts that cannot be kept as they are, are refused', async (t) => {
  for (const half of [String.raw`\u0000`, String.raw`\ud800`, String.raw`\udc00\ud800`])
    await refused(t, 400, 'malformed-json', `{"principal":"222222222222","reason":"a${half}b"}`);
});

t.test('a call that takes no body refuses one, and does not mind a type without one', async (t) => {
  const url = `${SHARES}/0123456789abcdef01234567`;
  await refused(t, 400, 'validation-failed', '{"reason":"lost"}', JSON_TYPE, 'DELETE', url);
  await refused(t, 400, 'validation-failed', 'anything', { 'content-type': 'text/plain' }, 'DELETE', url);
  await refused(t, 400, 'validation-failed', '{}', JSON_TYPE, 'GET', '/v1/secrets');
  const empty = await app.inject({ method: 'DELETE', url, headers: JSON_TYPE });
  t.equal(empty.json().code, 'share-not-found');
  const zero = await app.inject({ method: 'DELETE', url, headers: { ...JSON_TYPE, 'content-length': '0' } });
  t.equal(zero.json().code, 'share-not-found');
});

t.test('a body of which nothing is needed may be left out, and one that is not taken may be sent empty', async (t) => {
  const lift = '/v1/incidents/nothing/lift';
  for (const headers of [{}, JSON_TYPE]) await refused(t, 404, 'incident-not-found', undefined, headers, 'POST', lift);
  await refused(t, 404, 'incident-not-found', '', JSON_TYPE, 'POST', lift);
  await refused(t, 400, 'validation-failed', 'null', JSON_TYPE, 'POST', lift);
  await refused(t, 400, 'malformed-json', '', JSON_TYPE);
  const cancel = '/v1/operations/nothing/cancel';
  await refused(t, 404, 'operation-not-found', '{}', JSON_TYPE, 'POST', cancel);
  for (const body of ['{"reason":"x"}', '[]', '1', 'null'])
    await refused(t, 400, 'validation-failed', body, JSON_TYPE, 'POST', cancel);
});

t.test('bodies made to be slow are refused as fast as others', async (t) => {
  const many = (item: (index: number) => unknown) => Array.from({ length: 3_000 }, (_, index) => item(index));
  const bodies = {
    'thousands of unknown fields': Object.fromEntries(many((index) => [`f${index}`, index]) as [string, number][]),
    'thousands of actions': { principal: MARY, actions: many(() => 'secretsmanager:GetSecretValue') },
    'thousands of objects for texts': { principal: MARY, sourceVpcEndpoints: many(() => ({})) },
    'a principal that nearly matches': { principal: `arn:aws:iam::123456789999:user/${'a/'.repeat(50_000)}!` },
    'a date that nearly matches': { principal: MARY, expiresAt: `2030-01-01T00:00:00.${'0'.repeat(100_000)}X` },
    'thousands of tags': {
      principal: MARY,
      principalTags: Object.fromEntries(many((index) => [`t${index}`, 'x']) as [string, string][]),
    },
    'thousands of addresses': { boundary: { sourceIps: many(() => '10.0.0.0/8') } },
  };
  for (const [name, body] of Object.entries(bodies)) {
    const url = name.includes('addresses') ? SHARES.replace('shares', 'restrictions') : SHARES;
    const begun = process.threadCpuUsage();
    const answer = await app.inject({ method: 'POST', url, headers: JSON_TYPE, payload: JSON.stringify(body) });
    t.equal(answer.statusCode, 400, name);
    const took = cpuSince(begun);
    t.ok(took < 1_000, `${name}: ${Math.round(took)} ms`);
    t.ok(answer.body.length < 10_000, 'the answer is bounded');
  }
});

t.test('a leap second, or a time out of the years of RFC 3339, is refused wherever a time is taken', async (t) => {
  for (const time of ['2026-12-31T23:59:60Z', '9999-12-31T23:59:59-01:00']) {
    const at = encodeURIComponent(time);
    for (const [method, url, body] of [
      ['GET', `/v1/audit-events?from=${at}`],
      ['GET', `/v1/audit-events?to=${at}`],
      ['POST', SHARES, { principal: MARY, expiresAt: time }],
      ['POST', '/v1/findings/none/acknowledge', { etag: '"x"', reason: 'Known', until: time }],
      ['POST', '/v1/approvals/none/approve', { etag: '"x"', expiresAt: time }],
      ['POST', '/v1/access-requests', { secretId: 'demo/database', principal: MARY, expiresAt: time, reason: 'x' }],
    ] as const)
      t.match(await call(method, url, body), { status: 400, json: { code: 'validation-failed' } }, `${method} ${url}`);
  }
});

import t from 'tap';
import { build, MARY } from '../helper.ts';
import { captureLog } from './log-lines.ts';
import { exchange } from './wire.ts';

const { lines, loggerInstance } = captureLog();
const { app, call } = await build(t, { overrides: { loggerInstance } });
const url = await app.listen({ host: '127.0.0.1', port: 0 });
const SHARES = '/v1/secrets/demo%2Fdatabase/shares';
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4/;

t.test('a request id is taken only if it can stand anywhere as it is', async (t) => {
  const given = async (id: string) =>
    (await app.inject({ url: '/livez', headers: { 'x-request-id': id } })).headers['x-request-id'];
  for (const sane of ['a', '0f8c-11', 'trace:1/2+3=', 'x'.repeat(128)]) t.equal(await given(sane), sane);
  const insane = [
    '',
    ' ',
    'a b',
    'x'.repeat(129),
    'a\r\nSet-Cookie: b',
    'a\nb',
    '\u001b[31mred',
    '{"a":1}',
    '<script>',
    'é',
    'a;b',
    '{jndi:x}',
  ];
  for (const id of insane) t.match(await given(id), UUID, JSON.stringify(id));
  const twice = await exchange(
    url,
    'GET /livez HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nX-Request-Id: a\r\nX-Request-Id: b\r\n\r\n',
  );
  t.match(twice.headers['x-request-id'], UUID);
});

t.test('an insane traceparent is no trace', async (t) => {
  for (const traceparent of [
    'x',
    '00-0-0-00',
    `00-${'0'.repeat(32)}-${'1'.repeat(16)}-01`,
    `00-${'A'.repeat(32)}-${'1'.repeat(16)}-01`,
  ]) {
    await call('POST', SHARES, { principal: '222222222222' }, { traceparent });
    const [event] = (await call('GET', '/v1/audit-events?limit=1')).json.items;
    t.equal(event.traceId, null, traceparent);
  }
});

t.test('a log line is one JSON object, whatever callers write into their texts', async (t) => {
  lines.length = 0;
  const evil = 'x\r\n{"level":60,"msg":"forged"}\u2028\u001b[2J\u009b31m\u202e';
  const latin1 = 'agent \x9b31m \x84';
  await call(
    'POST',
    SHARES,
    { principal: MARY, reason: evil, ticket: evil },
    { 'user-agent': latin1, 'x-request-id': evil },
  );
  await call('POST', SHARES, { principal: evil, [evil]: evil });
  await call('GET', `/v1/secrets?name=${encodeURIComponent(evil)}`);
  await call('GET', `/v1/audit-events?actor=${encodeURIComponent(evil)}`);
  await call('GET', `/${encodeURIComponent(evil)}`);
  await exchange(
    url,
    Buffer.from(`GET /\x9b31m${'a'.repeat(5_000)} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`, 'latin1'),
  );
  t.ok(lines.length >= 12);
  for (const line of lines) {
    t.equal(line.indexOf('\n'), line.length - 1, 'one line');
    const entry = JSON.parse(line);
    t.not(entry.msg, 'forged');
    t.notMatch(line.slice(0, -1), /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u, 'nothing that a terminal would obey');
    t.ok(line.length < 20_000, 'bounded');
  }
  const [event] = (await call('GET', '/v1/audit-events?outcome=applied')).json.items;
  t.equal(event.reason, evil, 'the audit log keeps it to the letter, as JSON');
});

t.test('an answer repeats nothing of a request as a header or as HTML', async (t) => {
  const evil = '<script>alert(1)</script>\r\nSet-Cookie: a=b';
  for (const path of [
    `/v1/secrets/${encodeURIComponent(evil)}`,
    `/problems/${encodeURIComponent(evil)}`,
    `/v1/secrets?${encodeURIComponent(evil)}=1`,
    `/docs/${encodeURIComponent(evil)}`,
  ]) {
    const { headers, statusCode } = await app.inject(path);
    t.ok(statusCode >= 400 && statusCode < 500, path);
    t.equal(headers['set-cookie'], undefined);
    t.match(headers['content-type'], 'application/problem+json', 'never text/html');
  }
});

t.test('X-Forwarded-For is believed from a trusted proxy only, and only if it is an address', async (t) => {
  const behind = await build(t, { env: { TRUST_PROXY: '127.0.0.1, 10.0.0.0/8' } });
  const ipOf = async (ask: typeof call, forwarded: string) => {
    await ask('POST', SHARES, { principal: MARY }, { 'x-forwarded-for': forwarded });
    return (await ask('GET', '/v1/audit-events?limit=1')).json.items[0].source.ip;
  };
  t.equal(await ipOf(call, '192.0.2.1'), '127.0.0.1', 'untrusted');
  t.equal(await ipOf(behind.call, '192.0.2.1'), '192.0.2.1', 'trusted');
  t.equal(await ipOf(behind.call, '192.0.2.9, 192.0.2.1, 10.1.2.3'), '192.0.2.1', 'a chain of trusted proxies');
  t.equal(await ipOf(behind.call, '<script>'), '127.0.0.1', 'no address');
});

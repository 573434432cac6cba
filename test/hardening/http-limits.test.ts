import { connect } from 'node:net';
import t, { type Test } from 'tap';
import { build } from '../helper.ts';
import { SLACK_MS } from '../wait.ts';
import { type Answer, exchange } from './wire.ts';

const { app } = await build(t);
const url = await app.listen({ host: '127.0.0.1', port: 0 });
const CLOSE = 'Host: localhost\r\nConnection: close\r\n';

const problem = (t: Test, answer: Answer, status: number, code: string) => {
  t.equal(answer.status, status, code);
  t.match(answer.headers['content-type'], 'application/problem+json', code);
  t.match(answer.json, { status, code, requestId: answer.headers['x-request-id'] }, code);
};

t.test('what is not HTTP is answered with a problem document, and hung up on', async (t) => {
  const garbage = {
    'no HTTP at all': 'hello\r\n\r\n',
    'an unknown method': `FOO / HTTP/1.1\r\n${CLOSE}\r\n`,
    'an unknown version': `GET / HTTP/9.9\r\n${CLOSE}\r\n`,
    'TLS on the plain port': Buffer.from('16030100a5010000a10303', 'hex'),
    'a NUL in a header': `GET /livez HTTP/1.1\r\n${CLOSE}X-Request-Id: a\0b\r\n\r\n`,
    'a lone CR in a header': `GET /livez HTTP/1.1\r\n${CLOSE}X-Request-Id: a\rb\r\n\r\n`,
    'a space before the colon': `GET /livez HTTP/1.1\r\n${CLOSE}X-A : b\r\n\r\n`,
    'length and chunks at once': `POST /v1/x HTTP/1.1\r\n${CLOSE}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    'two lengths': `POST /v1/x HTTP/1.1\r\n${CLOSE}Content-Length: 4\r\nContent-Length: 5\r\n\r\nabcde`,
    'a negative length': `POST /v1/x HTTP/1.1\r\n${CLOSE}Content-Length: -1\r\n\r\n`,
    'a space in the address': `GET /v1/a b HTTP/1.1\r\n${CLOSE}\r\n`,
  };
  for (const [name, bytes] of Object.entries(garbage)) {
    await t.test(name, async (t) => problem(t, await exchange(url, bytes), 400, 'malformed-request'));
  }
  problem(t, await exchange(url, 'GET /livez HTTP/1.1\r\nConnection: close\r\n\r\n'), 400, 'malformed-request');
  problem(t, await exchange(url, `GET /livez HTTP/1.1\r\nhost: elsewhere\r\n${CLOSE}\r\n`), 400, 'malformed-request');
  for (const host of ['evil.test', 'localhost:1', 'localhost@evil.test'])
    problem(t, await exchange(url, `GET http://${host}/livez HTTP/1.1\r\n${CLOSE}\r\n`), 400, 'malformed-request');
  t.equal((await exchange(url, `GET http://localhost/livez HTTP/1.1\r\n${CLOSE}\r\n`)).status, 200);
  const coded = `POST /v1/x HTTP/1.1\r\n${CLOSE}Transfer-Encoding: gzip, chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n`;
  problem(t, await exchange(url, coded), 400, 'malformed-request');
  t.equal((await exchange(url, 'GET /livez HTTP/1.0\r\n\r\n')).status, 200, 'HTTP/1.0 knows no Host');
});

t.test('headers over 32 KiB are refused: 431', async (t) => {
  const headers = `GET /livez HTTP/1.1\r\n${CLOSE}X-Big: ${'a'.repeat(40_000)}\r\n\r\n`;
  problem(t, await exchange(url, headers), 431, 'headers-too-large');
  const token = `GET /livez HTTP/1.1\r\n${CLOSE}Authorization: Bearer ${'a'.repeat(20_000)}\r\n\r\n`;
  t.equal((await exchange(url, token)).status, 200, 'a large token is fine');
});

t.test('an address over 12,288 characters is refused: 414', async (t) => {
  problem(t, await exchange(url, `GET /livez?${'a'.repeat(12_300)} HTTP/1.1\r\n${CLOSE}\r\n`), 414, 'uri-too-long');
  problem(t, await exchange(url, `GET /${'a'.repeat(12_300)} HTTP/1.1\r\n${CLOSE}\r\n`), 414, 'uri-too-long');
  const parameter = await exchange(url, `GET /v1/secrets/${'a'.repeat(2_049)} HTTP/1.1\r\n${CLOSE}\r\n`);
  problem(t, parameter, 400, 'validation-failed');
});

t.test('a body over the limit is refused, told by its length or not', async (t) => {
  const post = `POST /v1/secrets/demo%2Fdatabase/shares HTTP/1.1\r\n${CLOSE}Content-Type: application/json\r\n`;
  problem(t, await exchange(url, `${post}Content-Length: 200000\r\n\r\n`), 413, 'body-too-large');
  const chunk = `${(0x20000).toString(16)}\r\n${' '.repeat(0x20000)}\r\n`;
  const chunked = `${post}Transfer-Encoding: chunked\r\n\r\n${chunk}${chunk}0\r\n\r\n`;
  problem(t, await exchange(url, chunked), 413, 'body-too-large');
});

t.test('an expectation that nobody knows is ignored; 100-continue is met', async (t) => {
  t.equal((await exchange(url, `GET /livez HTTP/1.1\r\n${CLOSE}Expect: miracles\r\n\r\n`)).status, 200);
  const post = `POST /v1/secrets/nothing/shares HTTP/1.1\r\n${CLOSE}Content-Type: application/json\r\nContent-Length: 2\r\n`;
  t.equal((await exchange(url, `${post}Expect: 100-continue\r\n\r\n{}`)).status, 100);
});

t.test('it is no proxy and no tunnel', async (t) => {
  problem(t, await exchange(url, `CONNECT example.com:443 HTTP/1.1\r\n${CLOSE}\r\n`), 405, 'method-not-allowed');
  problem(
    t,
    await exchange(url, `GET http://169.254.169.254/latest HTTP/1.1\r\n${CLOSE}\r\n`),
    400,
    'malformed-request',
  );
  const upgrade = `GET /livez HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade, close\r\nUpgrade: websocket\r\n\r\n`;
  t.equal((await exchange(url, upgrade)).status, 200);
});

t.test('a second request hidden in the body of the first is never run', async (t) => {
  const hidden = `DELETE /v1/secrets/demo%2Fdatabase/policy HTTP/1.1\r\nHost: localhost\r\nIf-Match: *\r\n\r\n`;
  const carrier = `GET /livez HTTP/1.1\r\n${CLOSE}Content-Length: ${hidden.length}\r\n\r\n${hidden}`;
  problem(t, await exchange(url, carrier), 400, 'validation-failed');
});

t.test('clients that are slow on purpose are cut off', async (t) => {
  // The shipped limits are seconds longer; Node reads them anew for every connection.
  Object.assign(app.server, { headersTimeout: 300, requestTimeout: 600 });
  t.teardown(() => Object.assign(app.server, { headersTimeout: 10_000, requestTimeout: 30_000 }));
  const post = `POST /v1/secrets/demo%2Fdatabase/shares HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n`;
  const started = performance.now();
  const [headers, body, dripping] = await Promise.all([
    exchange(url, 'GET /livez HTTP/1.1\r\nHost: localhost\r\nX-Slow: '),
    exchange(url, `${post}Content-Length: 100\r\n\r\n{"principal":`),
    drip(url, 'GET /livez HTTP/1.1\r\nHost: localhost\r\n'),
  ]);
  problem(t, headers, 408, 'request-timeout');
  problem(t, body, 408, 'request-timeout');
  t.equal(dripping, 'cut off', 'a header line every 100 ms does not keep it open');
  t.ok(performance.now() - started < SLACK_MS);
  t.equal((await exchange(url, `GET /livez HTTP/1.1\r\n${CLOSE}\r\n`)).status, 200, 'others are not touched');
});

t.test('limits that need no slow test are as documented', async (t) => {
  t.match(app.server, {
    maxConnections: 10_000,
    headersTimeout: 10_000,
    requestTimeout: 30_000,
    keepAliveTimeout: 72_000,
    timeout: 120_000,
  });
});

/** A header line every 100 ms, for ever: slowloris. */
function drip(url: string, start: string): Promise<string> {
  const { hostname, port } = new URL(url);
  const { promise, resolve } = Promise.withResolvers<string>();
  const socket = connect({ host: hostname, port: Number(port) }, () => socket.write(start));
  const timer = setInterval(() => socket.write('X-Drip: 1\r\n'), 100);
  socket
    .on('error', () => undefined)
    .on('close', () => {
      clearInterval(timer);
      resolve('cut off');
    });
  return promise;
}

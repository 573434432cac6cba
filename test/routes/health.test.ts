import { once } from 'node:events';
import { connect } from 'node:net';
import t from 'tap';
import { startFaultProxy } from '../aws/fault-proxy.ts';
import { captureLog } from '../hardening/log-lines.ts';
import { build, MARY } from '../helper.ts';
import { startPostgres } from '../postgres.ts';
import { gate, until } from '../wait.ts';

const SHARES = '/v1/secrets/demo%2Fdatabase/shares';

t.test('a database that is away makes the service unready, not dead, and says so', async (t) => {
  const postgres = await startPostgres(t);
  const { lines, loggerInstance } = captureLog();
  const { call } = await build(t, {
    env: { DATABASE_URL: await postgres.freshDatabase() },
    overrides: { loggerInstance },
  });
  t.match(await call('GET', '/readyz'), { status: 200, json: { status: 'ready', database: 'ok', closing: false } });
  t.match((await call('GET', '/metrics')).body, /^secret_access_database_up 1$/m);

  postgres.kill();
  // Its children answer until they notice.
  await until(async () => (await call('GET', '/readyz')).status !== 200);
  t.match(await call('GET', '/readyz'), { status: 503, json: { status: 'unready', database: 'unavailable' } });
  t.equal((await call('GET', '/livez')).status, 200);
  const { status, body } = await call('GET', '/metrics');
  t.equal(status, 200);
  t.match(body, /^secret_access_database_up 0$/m);
  t.notMatch(body, /^secret_access_audit_last_sequence /m, 'what is not known is left out');
  t.match(body, /^secret_access_queue_depth 0$/m, 'what is known is not');
  t.ok(
    lines.some((line) => line.includes('the figures of the database')),
    'and why is in the log',
  );

  await postgres.restart();
  t.match(await call('GET', '/readyz'), { status: 200, json: { database: 'ok' } });
  t.match((await call('GET', '/metrics')).body, /^secret_access_audit_last_sequence 0$/m);
});

t.test('AWS that gives no answer is told of; refusals of AWS are answers', async (t) => {
  let stop = async () => {};
  const { call } = await build(t, {
    overrides: { aws: { callTimeoutMs: 200, deadlineMs: 600 } },
    endpoint: async (aws) => {
      const proxy = await startFaultProxy({ target: aws.url });
      t.teardown(() => proxy.close());
      stop = async () => void proxy.inject('*', { do: 'drop', when: 'before' });
      return proxy.url;
    },
  });
  t.match((await call('GET', '/readyz')).json.aws, { lastAnswer: null, problem: null }, 'nobody asked yet');
  await until(async () => (await call('GET', '/v1/secrets/nothing')).status === 404);
  const { aws } = (await call('GET', '/readyz')).json;
  t.equal(aws.problem, null, 'a caller who asks for what is not there makes nothing flap');
  t.ok(Date.parse(aws.lastAnswer) > 0);

  await stop();
  t.equal((await call('GET', '/v1/secrets/demo%2Fdatabase')).status, 503);
  t.match(
    await call('GET', '/readyz'),
    { status: 200, json: { status: 'ready', aws: { problem: 'aws-unreachable', lastAnswer: aws.lastAnswer } } },
    'a restart would not help, and the journal can still be read',
  );
});

t.test('a service that stops says so, finishes what it began, and refuses the rest in plain words', async (t) => {
  const looked = gate();
  const { app } = await build(t, {
    endpoint: async (aws) => {
      const proxy = await startFaultProxy({ target: aws.url });
      t.teardown(() => proxy.close());
      proxy.inject('PutResourcePolicy', { do: 'hook', run: () => looked.passed });
      return proxy.url;
    },
  });
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  const send = (path: string, init: RequestInit = {}) =>
    fetch(`${url}${path}`, { ...init, headers: { 'content-type': 'application/json' } });
  const share = send(SHARES, { method: 'POST', body: JSON.stringify({ principal: MARY }) });
  await until(() => app.services.policyChanger.depth > 0);

  const closed = app.close();
  await until(async () => (await send('/readyz')).status !== 200);
  const ready = await send('/readyz');
  t.equal(ready.status, 503);
  t.match(await ready.json(), { status: 'unready', database: 'ok', closing: true });
  t.equal((await send('/livez')).status, 200, 'it is alive');
  const refused = await send('/v1/secrets');
  t.equal(refused.status, 503);
  t.equal(refused.headers.get('retry-after'), '5');
  t.ok(refused.headers.get('x-request-id'));
  t.match(await refused.json(), { code: 'overloaded', retryable: true });
  looked.open();
  t.equal((await share).status, 201, 'what was accepted is done');
  await closed;
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  const [error] = await once(socket, 'error');
  t.equal(error.code, 'ECONNREFUSED');
});

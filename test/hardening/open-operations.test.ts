import { get, type IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { DatabaseSync } from 'node:sqlite';
import t, { type Test } from 'tap';
import type { BulkOperation } from '../../src/access/bulk/operation.ts';
import { shareVerification } from '../../src/database/journal/verification/share-verification.ts';
import { build, MARY } from '../helper.ts';
import { gate, until } from '../wait.ts';

/** What goes on for long is bounded: operations that wait, and those who watch. */

const ITEMS = { items: [{ secretId: 'demo/database', principal: MARY }] };

/** A service, and operations in its database that never end. */
async function withOpen(t: Test, count: number) {
  const path = `${t.testdir()}/audit.db`;
  const service = await build(t, { env: { DATABASE_URL: `sqlite:${path}` } });
  const { headers, json } = await service.call('POST', '/v1/bulk/denials?dryRun=true', ITEMS);
  await until(async () => (await service.call('GET', String(headers['location']))).json.finishedAt !== null);
  const database = new DatabaseSync(path, { timeout: 5_000 });
  t.teardown(() => database.close());
  const copy = database.prepare(
    `insert into operations (id, action, status, request, created_at, owner, lease_until, requester)
     select ?, action, 'stuck', request, created_at, 'another', ${Number.MAX_SAFE_INTEGER}, requester from operations where id = ?`,
  );
  const ids = Array.from({ length: count }, (_, index) => `${json.id.slice(0, -4)}${String(index).padStart(4, '0')}`);
  for (const id of ids) copy.run(id, json.id);
  return { ...service, database, ids };
}

t.test('a caller has fifty operations at most that have not ended', async (t) => {
  const { call, database, ids } = await withOpen(t, 49);
  t.equal((await call('POST', '/v1/bulk/denials?dryRun=true', ITEMS)).status, 202, 'the fiftieth');
  database.exec(`insert into operations (id, action, status, request, created_at, owner, lease_until, requester)
    select 'f' || substr(id, 2), action, status, request, created_at, owner, lease_until, requester from operations where id = '${ids[0]}'`);
  const refused = await call('POST', '/v1/bulk/denials?dryRun=true', ITEMS);
  t.match(refused, { status: 429, json: { code: 'rate-limited', retryable: true } });
  t.ok(refused.headers['retry-after']);
  const begun = (await call('GET', '/v1/audit-events?action=startOperation')).json.items;
  t.equal(begun.length, 2, 'what was refused was not begun');
  database.exec(`update operations set status = 'done', finished_at = 1 where id in ('${ids[0]}', '${ids[1]}')`);
  t.equal((await call('POST', '/v1/bulk/denials?dryRun=true', ITEMS)).status, 202, 'once some have ended');
});

t.test('nobody looks on for a watcher that is gone', async (t) => {
  const { app, ids } = await withOpen(t, 1);
  const { bulk } = app.services;
  const { watch } = bulk;
  let ended = 0;
  bulk.watch = async function* watched(...asked): AsyncGenerator<BulkOperation | null> {
    yield* watch(...asked);
    ended += 1;
  };
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  const request = get(`${url}/v1/operations/${ids[0]}/events`, (answer) =>
    answer.once('data', () => request.destroy()),
  ).on('error', () => undefined);
  await until(() => ended === 1);
  t.pass('it ended by itself, without having anything to say');
});

t.test('nobody verifies on for those who are gone', async (t) => {
  const { app } = await build(t);
  const { journal } = app.services;
  const { verify } = journal;
  const [asked, gone] = [gate(), gate()];
  const sockets: Socket[] = [];
  journal.verify = async (signal) => {
    signal?.addEventListener('abort', gone.open);
    t.equal(sockets[0]?.timeout, 0, 'it may take longer than the server keeps silent connections');
    asked.open();
    await gone.passed;
    return verify(signal);
  };
  app.server.on('connection', (socket) => sockets.push(socket));
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  const request = get(`${url}/v1/audit-events/verification`).on('error', () => undefined);
  await asked.passed;
  request.destroy();
  await gone.passed;
  t.pass('it is told so');
});

t.test('a verification is shared, and goes on as long as somebody waits for it', async (t) => {
  const signals: AbortSignal[] = [];
  const done = gate();
  const whole = { intact: true, events: 0, archived: 0, lastHash: '', firstBroken: null };
  const verify = shareVerification(async (signal) => {
    signals.push(signal);
    await done.passed;
    return whole;
  });
  const [one, other] = [new AbortController(), new AbortController()];
  const answers = [verify(one.signal), verify(other.signal)];
  one.abort();
  t.same(
    signals.map(({ aborted }) => aborted),
    [false],
  );
  other.abort();
  t.same(
    signals.map(({ aborted }) => aborted),
    [true],
  );
  answers.push(verify(), verify(new AbortController().signal));
  t.equal(signals.length, 2, 'who comes then begins anew');
  done.open();
  t.same(await Promise.all(answers), [whole, whole, whole, whole]);
  t.equal(signals[1]?.aborted, false);
  await verify();
  t.equal(signals.length, 3);
});

t.test('a caller has twenty streams at a time, whatever they are of', async (t) => {
  const { app, ids } = await withOpen(t, 1);
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  const ask = async (path: string) => {
    const { promise, resolve } = Promise.withResolvers<IncomingMessage>();
    const request = get(`${url}${path}`, resolve).on('error', () => undefined);
    t.teardown(() => request.destroy());
    return { status: (await promise).statusCode, hangUp: () => request.destroy() };
  };
  const operation = `/v1/operations/${ids[0]}/events`;
  const streams = [];
  for (let open = 0; open < 10; open += 1) streams.push(await ask(operation), await ask('/v1/approvals/events'));
  t.same(new Set(streams.map(({ status }) => status)), new Set([200]));
  t.equal((await ask(operation)).status, 429);
  t.equal((await ask('/v1/approvals/events')).status, 429);
  t.equal((await app.inject({ url: '/v1/audit-events', headers: { accept: 'application/x-ndjson' } })).statusCode, 429);
  t.equal((await app.inject({ url: '/v1/me' })).statusCode, 200);
  streams[0]?.hangUp();
  await until(async () => (await ask(operation)).status === 200);
});

import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import t, { type Test } from 'tap';
import { type Fault, type FaultProxy, throttling } from '../aws/fault-proxy.ts';
import { startPostgres } from '../postgres.ts';
import { isLong } from '../runs.ts';
import { eventually, SLACK_MS } from '../wait.ts';
import { startInProcess } from './in-process.ts';

const postgres = await startPostgres(t);
const SHARES = '/v1/secrets/demo%2Fdatabase/shares';
const share = { principal: '300000000001' };
/** Milliseconds: a statement's 5 s and the connection's 1 s more, once for what runs and once for what waits behind it. */
const IN_TIME = 14_000 + SLACK_MS;

async function start(t: Test) {
  const url = await postgres.freshDatabase();
  const service = await startInProcess(t, { env: { DATABASE_URL: url } });
  const { call } = service;
  return {
    ...service,
    url,
    /** The database is lost now or was before: the change is refused, in time, and says so. */
    async assertRefused(headers: Record<string, string> = {}) {
      const begun = performance.now();
      const answer = await call('POST', SHARES, share, headers);
      t.ok(performance.now() - begun < IN_TIME, 'in time');
      t.match(answer, { status: 503, json: { code: 'audit-unavailable', retryable: true } });
      t.match(answer.headers['retry-after'], /^\d+$/);
      return answer;
    },
    /** As a client repeats it, once the database is back. */
    repeat: (headers: Record<string, string> = {}) =>
      eventually(async () => {
        const answer = await call('POST', SHARES, share, headers);
        if (answer.status >= 500 || answer.json.code === 'idempotency-in-flight') throw new Error(answer.body);
        return answer;
      }),
  };
}

/** The outcomes, in words; waits, in `eventually`, while there is none. */
const some = async (outcomes: () => Promise<string[]>): Promise<string[]> => {
  const found = await outcomes();
  if (found.length === 0) throw new Error('There is no outcome yet.');
  return found;
};

const puts = (proxy: FaultProxy) => proxy.calls('PutResourcePolicy');
const first = (n: number) => n === 1;
/** `run` happens once the call is there, and before AWS sees it. */
const at = (run: () => unknown): Fault => ({ do: 'hook', run: async () => void (await run()) });

t.test('lost before the intent: nothing is put; once it is back, all is well', async (t) => {
  const { assertRefused, repeat, proxy, intents } = await start(t);
  postgres.kill();
  await assertRefused();
  await assertRefused({ 'idempotency-key': 'lost' });
  t.equal(puts(proxy), 0);
  await postgres.restart();
  t.equal((await repeat({ 'idempotency-key': 'lost' })).status, 201);
  t.equal((await intents()).length, 1);
});

t.test('lost while the secret is locked: nothing is put', async (t) => {
  const { assertRefused, repeat, proxy, intents } = await start(t);
  proxy.inject('GetResourcePolicy', at(postgres.kill), first);
  await assertRefused();
  t.equal(puts(proxy), 0);
  await postgres.restart();
  t.equal((await repeat()).status, 201);
  t.equal((await intents()).length, 1);
});

t.test('lost between intent and outcome: the caller is told, and reconciliation records what happened', async (t) => {
  const { assertRefused, repeat, proxy, intents, outcomes, shares } = await start(t);
  proxy.inject('PutResourcePolicy', at(postgres.kill), first);
  const headers = { 'idempotency-key': 'between' };
  const refused = await assertRefused(headers);
  t.match(refused.json.detail, /was changed at AWS, but the outcome could not be recorded/);
  await postgres.restart();
  t.same(await eventually(() => some(outcomes)), ['share applied'], 'without another request');
  t.equal(await shares(), 1);
  const repeated = await repeat(headers);
  t.match(repeated, { status: 201, json: { changed: true, changeId: (await intents())[0]?.changeId } });
  t.equal(puts(proxy), 1, 'one Put in all');
});

const cutLocks = async (url: string) => {
  const client = new pg.Client(url);
  await client.connect();
  const cut = await client.query(
    "select pg_terminate_backend(pid) from pg_stat_activity where application_name like '%locks' and datname = current_database()",
  );
  await client.end();
  // The cut reaches the service's end of the connection.
  await sleep(100);
  return cut.rowCount;
};

t.test('the lock’s connection is cut while it is held: the Put is not sent', async (t) => {
  const { assertRefused, repeat, proxy, outcomes, url } = await start(t);
  proxy.inject(
    'GetResourcePolicy',
    at(() => cutLocks(url)),
    first,
  );
  await assertRefused();
  t.equal(puts(proxy), 0);
  t.same(await outcomes(), ['share failed (audit-unavailable)']);
  t.equal((await repeat()).status, 201);
});

t.test('the lock’s connection is cut between two attempts of a Put: the second is not sent', async (t) => {
  const { assertRefused, repeat, proxy, outcomes, url } = await start(t);
  proxy.inject(
    'PutResourcePolicy',
    at(() => cutLocks(url)),
    first,
  );
  proxy.inject('PutResourcePolicy', throttling, first);
  await assertRefused();
  t.equal(puts(proxy), 1);
  t.same(await outcomes(), ['share failed (audit-unavailable)']);
  t.equal((await repeat()).status, 201);
});

t.test('it stalls: 503 within the time limit, and nothing is put, then or later', async (t) => {
  const { assertRefused, repeat, proxy } = await start(t);
  const resume = postgres.pause();
  try {
    await Promise.all([assertRefused(), ...(isLong ? [assertRefused({ 'idempotency-key': 'stall' })] : [])]);
  } finally {
    resume();
  }
  await sleep(500);
  t.equal(puts(proxy), 0);
  t.equal((await repeat()).status, 201);
});

t.test(
  'it stalls before the intent is durable: 503 within the time limit, and nothing is put',
  { skip: !isLong },
  async (t) => {
    const { assertRefused, repeat, proxy } = await start(t);
    let resume = () => {};
    proxy.inject(
      'GetResourcePolicy',
      at(() => {
        resume = postgres.pause();
      }),
      first,
    );
    try {
      await assertRefused();
    } finally {
      resume();
    }
    await sleep(500);
    t.equal(puts(proxy), 0);
    t.equal((await repeat()).status, 201);
  },
);

t.test(
  'it stalls after the Put: the caller is told within the time limit, and the outcome follows',
  { skip: !isLong },
  async (t) => {
    const { assertRefused, proxy, outcomes, shares } = await start(t);
    let resume = () => {};
    proxy.inject(
      'PutResourcePolicy',
      at(() => {
        resume = postgres.pause();
      }),
      first,
    );
    try {
      await assertRefused();
    } finally {
      resume();
    }
    t.same(await eventually(() => some(outcomes)), ['share applied']);
    t.equal(await shares(), 1);
  },
);

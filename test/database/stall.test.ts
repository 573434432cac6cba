import { once } from 'node:events';
import { setImmediate as turn } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import type { QueryConfig } from 'pg';
import t from 'tap';
import { connect } from '../../src/database/connect.ts';
import { startPostgres } from '../postgres.ts';

/** Milliseconds. Long enough for a busy machine to ask the question in. */
const LIMIT = 1_500;

t.test('an answer that PostgreSQL gave while we stalled is taken, although its time is over', async (t) => {
  const url = await (await startPostgres(t)).freshDatabase();
  const database = await connect(url);
  t.teardown(() => database.close());
  if (database.kind !== 'postgres') throw new Error('PostgreSQL was asked for.');
  const state = new Int32Array(new SharedArrayBuffer(4));
  const watcher = new Worker(new URL('watcher.ts', import.meta.url), { workerData: { url, state } });
  t.teardown(async () => void (await watcher.terminate()));
  await once(watcher, 'message');

  const query: QueryConfig & { query_timeout: number } = { text: 'select pg_sleep(0.2)', query_timeout: LIMIT };
  const client = await database.lockPool.connect();
  t.teardown(() => client.release());
  const answer = client.query(query);
  while (Atomics.load(state, 0) === 0) await turn();
  Atomics.wait(state, 0, 1);
  Atomics.wait(state, 0, 2, LIMIT);
  t.match(await answer, { rowCount: 1 });
});

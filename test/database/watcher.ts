/**
 * Watches from a thread of its own how far a query with pg_sleep is, while the test's thread is blocked. It says in
 * shared memory: 1 the server has the query; 2 it has answered.
 */
import { parentPort, workerData } from 'node:worker_threads';
import pg from 'pg';

const { url, state }: { url: string; state: Int32Array } = workerData;
const client = new pg.Client(url);
await client.connect();
const is = async (activity: RegExp) => {
  const { rows } = await client.query(`select state from pg_stat_activity where query like 'select pg_sleep%'`);
  return activity.test(rows[0]?.state);
};
const reached = async (step: number, activity: RegExp) => {
  while (!(await is(activity)));
  Atomics.store(state, 0, step);
  Atomics.notify(state, 0);
};
parentPort?.postMessage('ready');
await reached(1, /^(active|idle)$/);
await reached(2, /^idle$/);
await client.end();

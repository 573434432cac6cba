import { sql } from 'kysely';
import type { Clock } from '../../clock.ts';
import type { Database } from '../database.ts';

const ASK_EVERY = 10_000;
/** Milliseconds. An answer that took longer says too little of when it was given; the last good one holds. */
const ANSWERED_WITHIN = 1_000;

/**
 * The database's clock, by which all replicas agree what has run out and what came when, however wrong their own are. It
 * is asked now and then, and goes on by this process's monotonic clock in between. With SQLite there is one process, whose
 * own clock it is.
 * @throws DomainError audit-unavailable
 */
export async function openClock(
  database: Pick<Database, 'kind' | 'kysely'>,
  own: Clock,
): Promise<{ clock: Clock; close(): void }> {
  if (database.kind === 'sqlite') return { clock: own, close() {} };
  let ahead = 0;
  const ask = async (): Promise<void> => {
    const askedAt = performance.now();
    const { rows } = await now.execute(database.kysely);
    const took = performance.now() - askedAt;
    if (took > ANSWERED_WITHIN && ahead !== 0) return;
    ahead = Number(rows[0]?.ms) - askedAt - took / 2;
  };
  await ask();
  // Where the database is gone, everything else says so.
  const timer = setInterval(() => ask().catch(() => {}), ASK_EVERY).unref();
  return { clock: () => new Date(performance.now() + ahead), close: () => clearInterval(timer) };
}

const now = sql<{ ms: number }>`select (extract(epoch from clock_timestamp()) * 1000)::float8 as ms`;

import type { Pool, PoolClient } from 'pg';
import type { HeldLock } from '../../access/write/secret-lock.ts';
import { sha256Bytes } from '../../hash.ts';
import type { TimedQuery } from '../engines/limit-queries.ts';
import { auditUnavailable, lockBusy } from '../errors.ts';
import { createFairShare } from './fair-share.ts';

/** Milliseconds after which a confirmation is of the past: this process may have stood still since it asked. */
const CONFIRMED_FOR = 500;
const CONFIRMATIONS = 5;
/** Milliseconds after which a statement that does not wait for a lock means that the connection is dead. */
const ANSWER_WITHIN = 5_000;
/** PostgreSQL's error code lock_not_available. */
const LOCK_NOT_AVAILABLE = '55P03';

export type AcquiredLock = { held: Pick<HeldLock, 'confirm'>; release(): void | Promise<void> };

/**
 * Sessions' advisory locks. PostgreSQL hands such locks out in the order of asking, and frees them when the connection ends, so a
 * replica that dies holds up the others only until the server notices. Each takes a connection as long as it is held: a Region that
 * does not answer leaves some to the others (fair-share.ts).
 * @returns takes the lock of a secret; `deadline` of the wait is on the clock of performance.now(). The release never rejects, and is
 *   to be called once. @throws DomainError overloaded, audit-unavailable
 */
export function createAdvisoryLocks(
  pool: Pool,
): (secretArn: string, deadline: number, isIncident: boolean) => Promise<AcquiredLock> {
  const shares = createFairShare(pool.options.max);
  return async (secretArn, deadline, isIncident) => {
    const giveBack = await shares(secretArn, deadline - performance.now(), isIncident);
    if (giveBack === null) throw lockBusy();
    try {
      const { held, release } = await acquire(pool, secretArn, deadline);
      return { held, release: () => release().finally(giveBack) };
    } catch (error) {
      giveBack();
      throw error;
    }
  };
}

async function acquire(pool: Pool, name: string, deadline: number) {
  const client = await connection(pool);
  // A connection that may still hold the lock is closed, which frees it, rather than given back.
  const leave = (clean: boolean) => client.release(!clean);
  const session = await lock(client, name, deadline).catch((error) => {
    leave(false);
    throw error;
  });
  if (session === null) {
    leave(true);
    throw lockBusy();
  }
  return {
    held: { confirm: () => confirm(client, session) },
    release: async () => leave(await unlock(client, name)),
  };
}

const connection = async (pool: Pool): Promise<PoolClient> => {
  try {
    return await pool.connect();
  } catch (error) {
    // pg-pool's words for: all of them are in use.
    if (error instanceof Error && error.message === 'timeout exceeded when trying to connect') throw lockBusy(error);
    throw auditUnavailable('The audit database cannot be reached.', error);
  }
};

/**
 * The server's process that has the lock now; null when it was not free in time. It is tried first without waiting: a database that stalls is then noticed
 * within ANSWER_WITHIN, and not taken for a lock that others hold.
 */
const lock = async (client: PoolClient, name: string, deadline: number): Promise<number | null> => {
  try {
    const { rows } = await query(client, 'select pg_try_advisory_lock($1) as free, pg_backend_pid() as session', [
      keyOf(name),
    ]);
    if (rows[0]?.free === true) return rows[0].session;
    const wait = Math.max(1, Math.ceil(deadline - performance.now()));
    const text = `with limits as materialized (select set_config('lock_timeout', $1, false))
      select pg_advisory_lock($2), pg_backend_pid() as session from limits`;
    const waited = await query(client, text, [String(wait), keyOf(name)], wait + ANSWER_WITHIN);
    return waited.rows[0]?.session;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === LOCK_NOT_AVAILABLE) return null;
    throw auditUnavailable('The audit database failed while a lock was asked of it.', error);
  }
};

const unlock = (client: PoolClient, name: string): Promise<boolean> =>
  query(client, 'select pg_advisory_unlock($1)', [keyOf(name)]).then(
    () => true,
    () => false,
  );

const query = (client: PoolClient, text: string, values: string[], timeoutMs = ANSWER_WITHIN) => {
  const config: TimedQuery = { text, values, query_timeout: timeoutMs };
  return client.query(config);
};

/** 64 bits of a hash. Two secrets that share them wait for each other needlessly, and are safe. */
const keyOf = (name: string): string => sha256Bytes(name).readBigInt64BE().toString();

/**
 * The session, and with it the lock, ends with the connection. A pooler before the server may keep the connection and
 * change the session behind it.
 */
const confirm = async (client: PoolClient, session: number): Promise<void> => {
  for (let asked = 0; asked < CONFIRMATIONS; asked += 1) {
    const askedAt = performance.now();
    const { rows } = await query(client, 'select pg_backend_pid() as session', []).catch((error) => {
      throw lost(error);
    });
    if (rows[0]?.session !== session) throw lost();
    if (performance.now() - askedAt < CONFIRMED_FOR) return;
  }
  throw lost();
};

const lost = (cause?: unknown) =>
  auditUnavailable('The lock on this secret was lost with its database connection. Nothing was changed.', cause);

import type { Pool, PoolClient } from 'pg';
import { auditUnavailable } from '../errors.ts';

/** Of two connections, who begins a transaction first: whether a pooler hands out what was free last, or first, they change places. */
const TURNS = ['one', 'one', 'other', 'other'];
/** Locks are of a database, in one run of its server. */
const WHERE = `select pg_backend_pid() as session, pg_catalog.concat(pg_postmaster_start_time(), ' ',
  (select oid from pg_database where datname = current_database())) as place`;

/**
 * Locks of secrets belong to a session. A pooler in transaction mode gives each transaction of a connection whichever session is
 * free: a lock would be taken in one and released in another. One that goes round over several servers takes it on one of them.
 * @param pool of two connections or more
 * @throws DomainError audit-unavailable when there is such a pooler before the server
 */
export async function assertOwnSessions(pool: Pool): Promise<void> {
  const [one, other] = await Promise.all([pool.connect(), pool.connect()]);
  const sessions = new Set<string>();
  const places = new Set<string>();
  /** A connection has one session until its transaction ends. */
  const begin = async (client: PoolClient): Promise<void> => {
    await client.query('begin');
    const { session, place } = (await client.query(WHERE)).rows[0];
    sessions.add(`${client === one ? 'one' : 'other'} ${place} ${session}`);
    places.add(place);
  };
  let isOver = false;
  try {
    for (const turn of TURNS) {
      for (const client of turn === 'one' ? [one, other] : [other, one]) await begin(client);
      for (const client of [one, other]) await client.query('rollback');
    }
    isOver = true;
  } finally {
    // What an error leaves open does not go back into the pool.
    for (const client of [one, other]) client.release(!isOver);
  }
  if (places.size > 1)
    throw auditUnavailable(
      'DATABASE_URL leads to several servers or databases in turns, and the locks of secrets on one are none on the other: name one, the primary.',
    );
  if (sessions.size > 2)
    throw auditUnavailable(
      'DATABASE_URL leads to a pooler in transaction mode, and the locks of secrets need sessions: use its session mode (pgbouncer: pool_mode = session), or the server itself.',
    );
}

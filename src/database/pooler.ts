import type { Pool } from 'pg';
import { auditUnavailable } from './errors.ts';

/**
 * Locks of secrets belong to a session, and a pooler in transaction mode gives each transaction of a connection whichever
 * session is free: a lock would be taken in one and released in another.
 * @param pool of two connections or more
 * @throws DomainError audit-unavailable when there is such a pooler before the server
 */
export async function assertOwnSessions(pool: Pool): Promise<void> {
  const [one, other] = await Promise.all([pool.connect(), pool.connect()]);
  const sessionOf = async (client: typeof one): Promise<number> =>
    (await client.query('select pg_backend_pid() as session')).rows[0]?.session;
  try {
    const session = await sessionOf(one);
    // The other has one session until it ends: another one than this, which stays.
    await other.query('begin');
    const isOther = (await sessionOf(other)) !== session;
    if (isOther && (await sessionOf(one)) === session) return;
  } finally {
    await other.query('rollback').finally(() => other.release());
    one.release();
  }
  throw auditUnavailable(
    'DATABASE_URL leads to a pooler in transaction mode, and the locks of secrets need sessions: use its session mode (pgbouncer: pool_mode = session), or the server itself.',
  );
}

import { Kysely, PostgresDialect, sql } from 'kysely';
import pg from 'pg';
import type { ConnectOptions, OpenedDatabase } from './database.ts';
import { limitQueries } from './limit-queries.ts';
import { migrate } from './migrations/index.ts';
import type { Schema } from './schema.ts';

/** OID of int8, which pg hands over as text. Sequences and milliseconds stay far below 2^53. */
const INT8 = 20;
const types: pg.CustomTypesConfig = {
  getTypeParser: (oid: number, format?: 'text' | 'binary') =>
    oid === INT8 ? Number : format === 'binary' ? pg.types.getTypeParser(oid, format) : pg.types.getTypeParser(oid),
};

/**
 * The server notices within about 25 s that a replica's machine is gone, and frees its row and secret locks; its own
 * default is two hours.
 */
const options = '-c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3';

/**
 * Two bounded pools, because a secret's lock is held on a connection of its own while the work under it needs the
 * journal: with one pool, as many locks as connections would wait for each other.
 */
export const connectPostgres = async (
  url: string,
  { timeoutMs, poolSize, lockPoolSize, as, onConnectionLost }: Required<ConnectOptions>,
): Promise<OpenedDatabase> => {
  const shared = { connectionString: url, types, options, keepAlive: true, connectionTimeoutMillis: timeoutMs };
  const createPool = poolsThatTell(onConnectionLost);
  if (as === 'service') await migrateOnce(createPool, shared);
  const limited = {
    ...shared,
    application_name: 'secret-access-service',
    max: poolSize,
    statement_timeout: timeoutMs,
    lock_timeout: timeoutMs,
    // A replica that stalls inside a transaction must not hold the head of the chain against the others.
    idle_in_transaction_session_timeout: timeoutMs,
  };
  // The client's own limit is for a connection that went dead; the server's, above, answers first when it can.
  const pool = createPool(limited, timeoutMs + 1_000);
  const lockPool = createPool({ ...shared, application_name: 'secret-access-service locks', max: lockPoolSize });
  const kysely = new Kysely<Schema>({ dialect: new PostgresDialect({ pool }) });
  const close = async () => {
    await Promise.all([kysely.destroy(), lockPool.end()]);
  };
  try {
    // Kysely ends a pool only after its first use; and a tool has not touched the server yet.
    await sql`select 1`.execute(kysely);
  } catch (error) {
    await close();
    throw error;
  }
  return { kind: 'postgres', kysely, lockPool, close };
};

/** Through connections without a statement limit: a replica waits for the one that migrates, and an index takes its time. */
const migrateOnce = async (createPool: CreatePool, config: pg.PoolConfig): Promise<void> => {
  const kysely = new Kysely<unknown>({ dialect: new PostgresDialect({ pool: createPool({ ...config, max: 2 }) }) });
  try {
    await migrate(kysely, 'postgres');
  } finally {
    await kysely.destroy();
  }
};

/** `answerWithin`: milliseconds for a query that says no other limit; none without it. */
type CreatePool = (config: pg.PoolConfig, answerWithin?: number) => pg.Pool;

const poolsThatTell =
  (onConnectionLost: (error: Error) => void): CreatePool =>
  (config, answerWithin) => {
    const pool = new pg.Pool(config);
    // The pool only repeats what an idle connection said. Without a listener the event would end the process.
    pool.on('error', () => {});
    pool.on('connect', (client) => {
      client.on('error', onConnectionLost);
      limitQueries(client, answerWithin);
    });
    return pool;
  };

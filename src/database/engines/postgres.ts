import { Kysely, PostgresDialect, sql } from 'kysely';
import pg from 'pg';
import { parseIntoClientConfig } from 'pg-connection-string';
import type { ConnectOptions, OpenedDatabase } from '../database.ts';
import { migrate } from '../migrations/index.ts';
import type { Schema } from '../schema.ts';
import { assertPlainAddress } from './address.ts';
import { limitQueries, type TimedQuery } from './limit-queries.ts';
import { assertOwnSessions } from './pooler.ts';

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
const KEEPALIVES = { tcp_keepalives_idle: 10, tcp_keepalives_interval: 5, tcp_keepalives_count: 3 };

/**
 * Two bounded pools, because a secret's lock is held on a connection of its own while the work under it needs the
 * journal: with one pool, as many locks as connections would wait for each other.
 */
export const connectPostgres = async (
  url: string,
  { timeoutMs, poolSize, lockPoolSize, as, onConnectionLost, password }: PostgresOptions,
): Promise<OpenedDatabase> => {
  assertPlainAddress(url);
  const address = password === undefined ? { connectionString: url } : { ...parseIntoClientConfig(url), password };
  const shared = { ...address, types, keepAlive: true, connectionTimeoutMillis: timeoutMs };
  const createPool = poolsThatTell(onConnectionLost, timeoutMs);
  if (as === 'service') await migrateOnce(createPool, shared);
  const limits = {
    statement_timeout: timeoutMs,
    lock_timeout: timeoutMs,
    // A replica that stalls inside a transaction must not hold the head of the chain against the others.
    idle_in_transaction_session_timeout: timeoutMs,
  };
  // The client's own limit is for a connection that went dead; the server's, above, answers first when it can.
  const pool = createPool(
    { ...shared, application_name: 'secret-access-service', max: poolSize },
    { limits, answerWithin: timeoutMs + 1_000 },
  );
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
  const pool = createPool({ ...config, max: 2 });
  const kysely = new Kysely<unknown>({ dialect: new PostgresDialect({ pool }) });
  try {
    await assertOwnSessions(pool);
    await migrate(kysely, 'postgres');
  } finally {
    await kysely.destroy();
  }
};

type PostgresOptions = Required<Omit<ConnectOptions, 'password'>> & Pick<ConnectOptions, 'password'>;
type Settings = {
  /** Milliseconds, by PostgreSQL's name of the limit. */
  limits?: Record<string, number>;
  /** Milliseconds for a query that says no other limit; none without it. */
  answerWithin?: number;
};
type CreatePool = (config: pg.PoolConfig, settings?: Settings) => pg.Pool;

const poolsThatTell =
  (onConnectionLost: (error: Error) => void, timeoutMs: number): CreatePool =>
  (config, { limits = {}, answerWithin } = {}) => {
    // Not as parameters of the start, which poolers refuse.
    const settings = Object.entries({ ...KEEPALIVES, ...limits }).map(([name, value]) => `set ${name} = ${value}`);
    const set: TimedQuery = { text: settings.join('; '), query_timeout: timeoutMs };
    async function onConnect(client: pg.ClientBase): Promise<void> {
      client.on('error', onConnectionLost);
      // Its type says less than it is.
      limitQueries(client as pg.PoolClient, answerWithin);
      await client.query(set);
    }
    const pool = new pg.Pool({ ...config, onConnect });
    // The pool only repeats what an idle connection said. Without a listener the event would end the process.
    pool.on('error', () => {});
    return pool;
  };

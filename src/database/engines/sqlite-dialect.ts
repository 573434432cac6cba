import type { DatabaseSync, SQLInputValue } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  CompiledQuery,
  type DatabaseConnection,
  type Driver,
  SqliteAdapter,
  type SqliteDatabase,
  SqliteDialect,
  type SqliteDialectConfig,
  SqliteDriver,
  type SqliteStatement,
} from 'kysely';
import { createLru } from '../../lru.ts';
import { startDeadline } from '../../turns/deadline.ts';
import type { Flush } from './flush.ts';
import { hasToLast } from './lasting.ts';

type Options = {
  /** For how long another process may hold the file before all that needs it fails. */
  patienceMs: number;
  /** Of what commits write. */
  flush: Flush;
  /** How long anybody waits for the disk. */
  flushWithinMs: number;
};

/**
 * Kysely over node:sqlite. One connection, taken in turn; a transaction takes SQLite's write lock at its beginning, so
 * that it waits for another process instead of failing when its first read turns into a write. The flush is awaited once the
 * connection is free for others: those who commit meanwhile share the next. Nobody is told before what is not on disk, readers neither.
 */
export const nodeSqliteDialect = (connection: DatabaseSync, options: Options): SqliteDialect => {
  const database = sqliteDatabase(connection);
  const dialect = new SqliteDialect({ database });
  dialect.createDriver = (): Driver => new PatientDriver({ database }, options);
  dialect.createAdapter = () => new TransactionalAdapter();
  return dialect;
};

/** Kysely would migrate outside of a transaction: a process that is killed meanwhile would leave half a step, and never start again. */
class TransactionalAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true;
  }
}

class PatientDriver extends SqliteDriver {
  readonly #options: Options;
  #connection: DatabaseConnection | undefined;
  /** Whoever has the connection may have written something that has to last. */
  #written = false;
  #closed = false;

  constructor(config: SqliteDialectConfig, options: Options) {
    super(config);
    this.#options = options;
  }

  override async acquireConnection(): Promise<DatabaseConnection> {
    const connection = await super.acquireConnection();
    if (this.#closed) {
      await super.releaseConnection();
      throw new Error('The database is closed.');
    }
    this.#connection ??= patient(connection, this.#options.patienceMs, () => {
      this.#written = true;
    });
    return this.#connection;
  }

  override async releaseConnection(): Promise<void> {
    const { flush, flushWithinMs } = this.#options;
    const onDisk = this.#written ? flush.ask() : flush.pending;
    this.#written = false;
    await super.releaseConnection();
    if (onDisk !== undefined) await within(flushWithinMs, onDisk);
  }

  /** In its turn: who has begun ends before, and who comes later writes nothing that somebody would have to flush. */
  override async destroy(): Promise<void> {
    await super.acquireConnection();
    this.#closed = true;
    // How it ends is told to those who wait for what they wrote.
    await this.#options.flush.pending?.catch(() => {});
    await super.destroy();
    await super.releaseConnection();
  }

  override async beginTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('begin immediate'));
  }
}

/** A disk that stalls holds up those who need it, one after the other, and not for ever. */
async function within(milliseconds: number, onDisk: Promise<void>): Promise<void> {
  const { promise: tooLate, reject } = Promise.withResolvers<never>();
  const callOff = startDeadline(milliseconds, () =>
    reject(new Error(`The disk has not taken what was written within ${milliseconds} ms.`)),
  );
  await Promise.race([onDisk, tooLate]).finally(callOff);
}

const RETRY_EVERY_MS = 10;

/**
 * Waits for another process between tries, where SQLite's own busy_timeout would stop this whole process. The patience is
 * for the other process, not for each query: once it is over, the queries that queued behind fail at once.
 */
const patient = (connection: DatabaseConnection, patienceMs: number, onWrite: () => void): DatabaseConnection => {
  let busySince = Number.POSITIVE_INFINITY;
  return {
    streamQuery: (query, chunkSize) => connection.streamQuery(query, chunkSize),
    async executeQuery<Row>(query: CompiledQuery) {
      if (hasToLast(query)) onWrite();
      while (true) {
        try {
          const result = await connection.executeQuery<Row>(query);
          // Reading goes on while another process writes, and says nothing.
          if (result.numAffectedRows !== undefined) busySince = Number.POSITIVE_INFINITY;
          return result;
        } catch (error) {
          if (!isBusy(error)) throw error;
          busySince = Math.min(busySince, performance.now());
          if (performance.now() - busySince > patienceMs) throw error;
          await sleep(RETRY_EVERY_MS);
        }
      }
    },
  };
};

/** SQLite's result code, whose low byte is the kind: 5 is SQLITE_BUSY. */
const isBusy = (error: unknown): boolean =>
  error instanceof Error && 'errcode' in error && (Number(error.errcode) & 0xff) === 5;

/** What Kysely asks of better-sqlite3, answered by node:sqlite. */
const sqliteDatabase = (connection: DatabaseSync): SqliteDatabase => ({
  close: () => connection.close(),
  prepare: preparedOnce((sql) => {
    const statement = connection.prepare(sql);
    return {
      reader: statement.columns().length > 0,
      all: (parameters) => statement.all(...(parameters as SQLInputValue[])),
      run: (parameters) => statement.run(...(parameters as SQLInputValue[])),
      iterate: (parameters) => statement.iterate(...(parameters as SQLInputValue[])),
    };
  }),
});

/** Statements that are kept prepared; the journal runs the same few over and over. */
const KEPT_STATEMENTS = 64;

const preparedOnce = (prepare: (sql: string) => SqliteStatement): ((sql: string) => SqliteStatement) => {
  const statements = createLru<SqliteStatement>(KEPT_STATEMENTS);
  return (sql) => statements.get(sql, () => prepare(sql));
};

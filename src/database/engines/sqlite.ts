import { closeSync, existsSync, fdatasync, mkdirSync, openSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { promisify } from 'node:util';
import { Kysely } from 'kysely';
import { createPrivate } from '../../files/create-private.ts';
import type { ConnectOptions, OpenedDatabase } from '../database.ts';
import { auditUnavailable } from '../errors.ts';
import { migrate } from '../migrations/index.ts';
import type { Schema } from '../schema.ts';
import { createCheckpointer } from './checkpointer.ts';
import { createFlush } from './flush.ts';
import { nodeSqliteDialect } from './sqlite-dialect.ts';

/** For how long the disk may stall before those who wait for it are told. An append is given up sooner (group-commit.ts). */
const FLUSH_WITHIN_MS = 30_000;

/**
 * Opens a SQLite file: WAL, on disk before anybody is told (flush.ts), readable by its owner only. The locks of secrets
 * live in the process, so a second service process on the same file is refused.
 */
export const connectSqlite = async (
  path: string,
  { as, timeoutMs, onCheckpointFailed }: Required<Pick<ConnectOptions, 'as' | 'timeoutMs' | 'onCheckpointFailed'>>,
): Promise<OpenedDatabase> => {
  const asked = resolve(path);
  if (as === 'tool' && !existsSync(asked)) throw auditUnavailable(`There is no database at ${asked}.`);
  mkdirSync(dirname(asked), { recursive: true, mode: 0o700 });
  const file = ownName(asked);
  const release = as === 'service' ? claimFile(file) : () => {};
  try {
    const connection = openPrivately(file);
    connection.exec('pragma journal_mode = wal; pragma synchronous = normal; pragma cache_size = -8000');
    const checkpointer = as === 'service' ? createCheckpointer(file, onCheckpointFailed) : null;
    if (checkpointer !== null) connection.exec('pragma wal_autocheckpoint = 0');
    const log = openLog(file);
    const flush = createFlush(() => log.flush().then(checkpointer?.afterFlush));
    // Several queries may have to wait within the time limit of one caller.
    const options = { patienceMs: timeoutMs / 5, flush, flushWithinMs: FLUSH_WITHIN_MS };
    const kysely = new Kysely<Schema>({ dialect: nodeSqliteDialect(connection, options) });
    if (as === 'service') await migrate(kysely as Kysely<unknown>, 'sqlite');
    const close = async () => {
      await kysely.destroy();
      await checkpointer?.close();
      log.close();
      release();
    };
    return { kind: 'sqlite', file, kysely, close };
  } catch (error) {
    release();
    throw error;
  }
};

/**
 * SQLite's log, which it makes when it is first used. With synchronous=NORMAL SQLite flushes it only where the order of what is written
 * counts: all else is ours to flush before anybody is told. It holds no locks, so that opening it once more breaks none.
 */
function openLog(file: string) {
  let descriptor: number | undefined;
  return {
    async flush(): Promise<void> {
      try {
        descriptor ??= openSync(`${file}-wal`, 'r+');
        await datasync(descriptor);
      } catch (error) {
        stop(error);
      }
    },
    close(): void {
      if (descriptor !== undefined) closeSync(descriptor);
    },
  };
}

const datasync = promisify(fdatasync);

/** Nothing can be promised any more (flush.ts): the process ends, by what ends it for all that nobody foresaw. */
function stop(cause: unknown): never {
  const error = new Error('The disk did not keep what was written to the audit database.', { cause });
  setImmediate(() => {
    throw error;
  });
  throw error;
}

/** What lies beside the file is found by its one name, whatever links lead there: its lock, its log, its keys. */
const ownName = (path: string): string => {
  if (!existsSync(path)) return join(realpathSync(dirname(path)), basename(path));
  if (statSync(path).nlink > 1)
    throw auditUnavailable(
      `${path} has several names (hard links), by which SQLite can’t tell who else uses it. Leave one.`,
    );
  return realpathSync(path);
};

const openPrivately = (file: string): DatabaseSync => {
  createPrivate(file);
  return new DatabaseSync(file, { timeout: 0 });
};

/**
 * Claims a database file for this process, by an exclusive SQLite lock on a file beside it. The kernel drops the lock
 * when the process ends, however it ends, so a crash leaves nothing to clean up.
 */
const claimFile = (file: string): (() => void) => {
  createPrivate(`${file}.lock`);
  const claim = new DatabaseSync(`${file}.lock`, { timeout: 0 });
  try {
    claim.exec('begin exclusive');
  } catch (error) {
    claim.close();
    throw auditUnavailable(
      `${file} is in use by another process of this service. Stop that one, or give several replicas a PostgreSQL (DATABASE_URL=postgres://…).`,
      error,
    );
  }
  return () => claim.close();
};

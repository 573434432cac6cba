import { once } from 'node:events';
import { DatabaseSync } from 'node:sqlite';
import { Worker } from 'node:worker_threads';

/** Flushes between two looks at how long the log is. */
const LOOK_EVERY = 100;
/** Pages of the log, of 4 KiB each, that are brought into the database at a time. */
const MOST_PAGES = 4_000;

/**
 * In a thread of its own, which ends with its work: it flushes the log, and then the database. Others read and write meanwhile;
 * only for what they wrote in that time, and before the log begins anew, it keeps them from writing.
 */
const CHECKPOINT = `
  const { DatabaseSync } = require('node:sqlite');
  const connection = new DatabaseSync(require('node:worker_threads').workerData, { timeout: 0 });
  connection.exec('pragma wal_checkpoint(passive); pragma wal_checkpoint(restart)');
  connection.close();
`;
const MEMORY = { maxYoungGenerationSizeMb: 1, maxOldGenerationSizeMb: 16 };

type Checkpointer = {
  /** Begins one where it is time. */
  afterFlush(): void;
  /** Once none is under way. */
  close(): Promise<void>;
};

/**
 * Keeps SQLite's log short (https://sqlite.org/wal.html, "Checkpointing"), which SQLite itself does within some commit.
 * @param onFailure hears of each that failed: the log has all of it, and grows until one does not
 */
export function createCheckpointer(file: string, onFailure: (error: unknown) => void): Checkpointer {
  // Within a transaction SQLite does not answer, and this one never is.
  const connection = new DatabaseSync(file, { timeout: 0 });
  const look = connection.prepare('pragma wal_checkpoint(noop)');
  let flushes = 0;
  let running: Promise<void> | undefined;

  async function run(): Promise<void> {
    const options = { eval: true, workerData: file, execArgv: [], env: {}, resourceLimits: MEMORY };
    await once(new Worker(CHECKPOINT, options), 'exit');
  }

  const isDue = (): boolean => Number(look.get()?.log) > MOST_PAGES;

  return {
    afterFlush() {
      flushes += 1;
      if (flushes % LOOK_EVERY !== 0 || running !== undefined) return;
      running = (async () => (isDue() ? run() : undefined))()
        .catch(onFailure)
        .finally(() => {
          running = undefined;
        });
    },
    async close() {
      await running;
      connection.close();
    },
  };
}

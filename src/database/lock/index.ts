import type { HeldLock, SecretLock } from '../../access/write/secret-lock.ts';
import { type Channels, createChannels } from '../../channels.ts';
import type { Database } from '../database.ts';
import { lockBusy } from '../errors.ts';
import { type AcquiredLock, acquireAdvisoryLock } from './advisory-lock.ts';
import { createKeyedMutex } from './keyed-mutex.ts';

/**
 * One holder per secret. With SQLite the process is the only one (sqlite.ts sees to it), so a mutex does; with
 * PostgreSQL whoever has the mutex then takes an advisory lock over all replicas, and keeps its connection meanwhile.
 * Work that finds the lock lost, by `assertHeld`, must stop before it changes anything; what it did before stands.
 * @param timeoutMs how long to wait for the lock, in all
 */
export const createSecretLock = (
  database: Database,
  {
    timeoutMs = 30_000,
    channels = createChannels(),
  }: { timeoutMs?: number; channels?: Pick<Channels, 'lockWait'> } = {},
): SecretLock => {
  const acquireMutex = createKeyedMutex();

  async function acquire(secretArn: string): Promise<AcquiredLock> {
    const deadline = performance.now() + timeoutMs;
    const release = await acquireMutex(secretArn, timeoutMs);
    if (release === null) throw lockBusy();
    if (database.kind === 'sqlite') return { held: heldByTheProcess, release };
    try {
      const lock = await acquireAdvisoryLock(database.lockPool, secretArn, deadline);
      return { held: lock.held, release: () => Promise.resolve(lock.release()).finally(release) };
    } catch (error) {
      release();
      throw error;
    }
  }

  return {
    async withLock(secretArn, work) {
      const { held, release } = await channels.lockWait.tracePromise(() => acquire(secretArn), {});
      try {
        return await work(held);
      } finally {
        await release();
      }
    },
  };
};

const heldByTheProcess: HeldLock = { assertHeld: () => {} };

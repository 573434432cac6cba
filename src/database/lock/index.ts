import type { HeldLock, SecretLock } from '../../access/write/secret-lock.ts';
import type { Database } from '../database.ts';
import { lockBusy } from '../errors.ts';
import { holdAdvisoryLock } from './advisory-lock.ts';
import { createKeyedMutex } from './keyed-mutex.ts';

/**
 * One holder per secret. With SQLite the process is the only one (sqlite.ts sees to it), so a mutex does; with
 * PostgreSQL whoever has the mutex then takes an advisory lock over all replicas, and keeps its connection meanwhile.
 * Work that finds the lock lost, by `assertHeld`, must stop before it changes anything; what it did before stands.
 * @param timeoutMs how long to wait for the lock, in all
 */
export const createSecretLock = (database: Database, { timeoutMs = 30_000 } = {}): SecretLock => {
  const acquire = createKeyedMutex();
  return {
    async withLock(secretArn, work) {
      const deadline = performance.now() + timeoutMs;
      const release = await acquire(secretArn, timeoutMs);
      if (release === null) throw lockBusy();
      try {
        if (database.kind === 'sqlite') return await work(heldByTheProcess);
        return await holdAdvisoryLock(database.lockPool, secretArn, deadline, work);
      } finally {
        release();
      }
    },
  };
};

const heldByTheProcess: HeldLock = { assertHeld: () => {} };

import { setTimeout as sleep } from 'node:timers/promises';
import type { SecretLock } from '../../access/write/secret-lock.ts';
import { type Channels, createChannels } from '../../channels.ts';
import { TIMING } from '../../timing.ts';
import type { Database } from '../database.ts';
import { lockBusy } from '../errors.ts';
import { type AcquiredLock, createAdvisoryLocks } from './advisory-lock.ts';
import { createKeyedMutex } from './keyed-mutex.ts';

/**
 * One holder per secret. With SQLite the process is the only one (sqlite.ts sees to it), so a mutex does; with
 * PostgreSQL whoever has the mutex then takes an advisory lock over all replicas, and keeps its connection meanwhile.
 * Work that finds the lock lost, by `confirm`, must stop before it changes anything; what it did before stands.
 * @param timeoutMs how long to wait for the lock, in all
 * @param landedAfterMs how long a write that was given up may take to land
 */
export const createSecretLock = (
  database: Database,
  {
    timeoutMs = 30_000,
    landedAfterMs = TIMING.landedAfterMs,
    channels = createChannels(),
  }: { timeoutMs?: number; landedAfterMs?: number; channels?: Pick<Channels, 'lockWait'> } = {},
): SecretLock & { close(): Promise<void> } => {
  const acquireMutex = createKeyedMutex();
  const acquireOverReplicas = database.kind === 'postgres' ? createAdvisoryLocks(database.lockPool) : null;
  const closing = new AbortController();
  const lingering = new Set<Promise<void>>();

  /** The caller has its answer; the next holder waits, until a close wakes it. */
  function releaseLater(release: AcquiredLock['release'], wait: number): void {
    const released = sleep(wait, undefined, { ref: false, signal: closing.signal })
      .catch(() => {})
      .then(release)
      .finally(() => lingering.delete(released));
    lingering.add(released);
  }

  async function acquire(secretArn: string, isIncident: boolean): Promise<AcquiredLock> {
    const deadline = performance.now() + timeoutMs;
    const release = await acquireMutex(secretArn, timeoutMs);
    if (release === null) throw lockBusy();
    if (acquireOverReplicas === null) return { held: heldByTheProcess, release };
    try {
      const lock = await acquireOverReplicas(secretArn, deadline, isIncident);
      return { held: lock.held, release: () => Promise.resolve(lock.release()).finally(release) };
    } catch (error) {
      release();
      throw error;
    }
  }

  return {
    async withLock(secretArn, work, { isIncident = false } = {}) {
      const { held, release } = await channels.lockWait.tracePromise(() => acquire(secretArn, isIncident), {});
      let keptUntil = 0;
      const mayLandLate = () => {
        keptUntil = performance.now() + landedAfterMs;
      };
      try {
        return await work({ ...held, mayLandLate });
      } finally {
        const wait = keptUntil - performance.now();
        if (wait > 0) releaseLater(release, wait);
        else await release();
      }
    },
    /** What is kept for writes that may land late is given up. */
    async close() {
      closing.abort();
      await Promise.all(lingering);
    },
  };
};

const heldByTheProcess = { confirm: async () => {} };

import { setTimeout as sleep } from 'node:timers/promises';
import { DomainError } from '../../problems/problem.ts';

/**
 * Group commit per key: work that arrives while a cycle runs waits, and shares the next cycle. So a burst of changes to
 * one secret costs a handful of AWS calls, and requests of this process never overwrite each other's.
 */
type ChangeQueue<Work, Result> = {
  /** @throws DomainError overloaded when too much waits, or the queue is closed; else whatever the cycle gave this work */
  submit(key: string, work: Work): Promise<Result>;
  /** Lets what was accepted finish, and refuses more. */
  close(): Promise<void>;
  /** How many wait or run. */
  readonly depth: number;
};

type QueueOptions<Work, Result> = {
  /** One cycle. It settles every work in its order; a rejection of the whole cycle rejects each. */
  run(key: string, batch: readonly Work[]): Promise<PromiseSettledResult<Result>[]>;
  /** Most works of one cycle; where more wait, those go first that this puts before others. */
  maxBatch: number;
  first(one: Work, other: Work): number;
  /** Most works that wait or run, over all keys. */
  maxDepth: number;
};

/** The most that a burst waits for more of itself, and the pause in arrivals that ends it. */
const GATHER_MS = 100;
const QUIET_MS = 4;

type Waiting<Work, Result> = PromiseWithResolvers<Result> & { work: Work };

export function createChangeQueue<Work, Result>(options: QueueOptions<Work, Result>): ChangeQueue<Work, Result> {
  const waiting = new Map<string, Waiting<Work, Result>[]>();
  const running = new Map<string, Promise<void>>();
  let depth = 0;
  let closed = false;

  return {
    get depth() {
      return depth;
    },
    submit(key, work) {
      if (closed)
        throw new DomainError('overloaded', {
          why: 'The service is stopping and takes no more changes.',
          retryAfter: 5,
        });
      if (depth >= options.maxDepth) {
        throw new DomainError('overloaded', { why: 'Too many changes are waiting.' });
      }
      depth += 1;
      const entry = { ...Promise.withResolvers<Result>(), work };
      waiting.set(key, [...(waiting.get(key) ?? []), entry]);
      if (!running.has(key)) running.set(key, drain(key));
      return entry.promise;
    },
    async close() {
      closed = true;
      await Promise.all(running.values());
    },
  };

  /** A change that comes alone starts at once; in a burst, those on their way may join, since AWS counts calls, not changes. */
  async function drain(key: string): Promise<void> {
    await Promise.resolve();
    for (let cycles = 0; waiting.has(key); cycles += 1) {
      if (cycles > 0) await gather(key);
      const line = lineOf(key);
      const batch = line.slice(0, options.maxBatch);
      const rest = line.slice(options.maxBatch);
      if (rest.length === 0) waiting.delete(key);
      else waiting.set(key, rest);
      await runCycle(key, batch);
      depth -= batch.length;
    }
    running.delete(key);
  }

  function lineOf(key: string): Waiting<Work, Result>[] {
    const line = waiting.get(key) ?? [];
    return line.length <= options.maxBatch ? line : line.toSorted((one, other) => options.first(one.work, other.work));
  }

  /** Until the line stops growing, or is long enough, or has waited for long enough. */
  async function gather(key: string): Promise<void> {
    const sizeOf = () => waiting.get(key)?.length ?? 0;
    for (
      let waited = 0, size = 0;
      waited < GATHER_MS && size < sizeOf() && sizeOf() < options.maxBatch;
      waited += QUIET_MS
    ) {
      size = sizeOf();
      await sleep(QUIET_MS);
    }
  }

  async function runCycle(key: string, batch: readonly Waiting<Work, Result>[]): Promise<void> {
    const works = batch.map(({ work }) => work);
    const results = await options
      .run(key, works)
      .catch((reason) => works.map(() => ({ status: 'rejected', reason }) as const));
    batch.forEach((entry, index) => {
      const result = results[index];
      if (result?.status === 'fulfilled') entry.resolve(result.value);
      else entry.reject(result?.reason ?? new Error('A cycle left a change without a result.'));
    });
  }
}

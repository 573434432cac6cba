import { DomainError } from './problems/problem.ts';
import { isPassing } from './problems/table.ts';

/** Half a minute in all: what AWS’s quotas and a database that starts again need. */
const WAITS_MS = [1_000, 2_000, 4_000, 8_000, 15_000];

/** Does work in the background until it is done: what passes by itself is tried again, five times. @param work is told how often */
export async function patiently<T>(
  work: (tries: number) => Promise<T>,
  sleep: (ms: number) => Promise<void>,
): Promise<T> {
  for (const [tries, wait] of WAITS_MS.entries()) {
    try {
      return await work(tries);
    } catch (error) {
      if (!passes(error)) throw error;
      await sleep(wait);
    }
  }
  return work(WAITS_MS.length);
}

/** Whether something went wrong that passes by itself. */
export const passes = (error: unknown): error is DomainError => error instanceof DomainError && isPassing(error.code);

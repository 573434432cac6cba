import { setImmediate as nextTurn } from 'node:timers/promises';

/**
 * What somebody waits for, and what gives way to it: there is one processor for all of a process. The wait is bounded, so that who
 * asks all the time stops nothing.
 */
export type Foreground = {
  during<Result>(work: () => Promise<Result>): Promise<Result>;
  /** Whether something is under way. */
  isBusy(): boolean;
  /** For a step of what nobody waits for: resolves once nothing is under way, or after 50 ms. */
  quiet(): Promise<void>;
};

/** Longer than a change takes this process, and so short that AWS's quota, of which a tenth of a second is kept (pace.ts), loses nothing by it. */
const MOST_MS = 50;

export function createForeground(): Foreground {
  let underWay = 0;
  let over = Promise.withResolvers<void>();

  async function quiet(): Promise<void> {
    if (underWay === 0) return;
    const { promise: longEnough, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, MOST_MS);
    await Promise.race([over.promise, longEnough]);
    clearTimeout(timer);
    // Its answer is to be sent first.
    await nextTurn();
  }

  return {
    async during(work) {
      underWay += 1;
      try {
        return await work();
      } finally {
        underWay -= 1;
        if (underWay === 0) {
          over.resolve();
          over = Promise.withResolvers();
        }
      }
    },
    isBusy: () => underWay > 0,
    quiet,
  };
}

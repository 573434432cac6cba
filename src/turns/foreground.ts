import { setImmediate as nextTurn } from 'node:timers/promises';

/**
 * What somebody waits for, and what gives way to it: there is one processor for all of a process. Only while that has much to do, and
 * for a bounded time, so that who asks all the time stops nothing.
 */
export type Foreground = {
  during<Result>(work: () => Promise<Result>): Promise<Result>;
  /** Whether something is under way that others would take the processor from. */
  isBusy(): boolean;
  /** Whether the event loop has much to do. */
  isLoaded(): boolean;
  /** For a step of what nobody waits for: resolves at once, or as soon as nothing is under way, or after 50 ms. */
  quiet(): Promise<void>;
};

/** Longer than a change takes this process: then one step is taken all the same. */
const MOST_MS = 50;
/** In milliseconds: over so long it is looked how much there is to do. */
const LOOKED_AT_MS = 100;
/** The share of that time in which the event loop worked, from which on it has much to do. */
const MUCH = 0.5;

/** @param isLoaded measured if left out */
export function createForeground(isLoaded: () => boolean = createLoad()): Foreground {
  let underWay = 0;
  let over = Promise.withResolvers<void>();
  const isBusy = () => underWay > 0 && isLoaded();

  async function quiet(): Promise<void> {
    if (!isBusy()) return;
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
    isBusy,
    isLoaded,
    quiet,
  };
}

function createLoad(): () => boolean {
  let at = performance.now();
  let before = performance.eventLoopUtilization();
  let isLoaded = false;
  return () => {
    const now = performance.now();
    if (now - at < LOOKED_AT_MS) return isLoaded;
    const since = performance.eventLoopUtilization();
    isLoaded = performance.eventLoopUtilization(since, before).utilization > MUCH;
    [at, before] = [now, since];
    return isLoaded;
  };
}

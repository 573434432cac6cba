import { setImmediate as nextTurn } from 'node:timers/promises';

/**
 * A turn of the event loop for each that asks, one after another, so that others come in between. All who wait for a setImmediate of
 * their own go on within the same turn.
 */
export function createLoopTurns(): () => Promise<void> {
  let last: Promise<void> = Promise.resolve();
  return () => {
    last = last.then(() => nextTurn());
    return last;
  };
}

/** Milliseconds that one piece of work may hold the event loop before others have their turn. */
const AT_A_TIME_MS = 10;

/** For work of many steps: called after each, it lets others come in between where that is due. */
export function createPauses(): () => Promise<void> {
  let begun = performance.now();
  return async () => {
    if (performance.now() - begun < AT_A_TIME_MS) return;
    await nextTurn();
    begun = performance.now();
  };
}

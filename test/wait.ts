import { setTimeout as sleep } from 'node:timers/promises';

/** Milliseconds that a busy machine may add to a time limit that is tested. */
export const SLACK_MS = 30_000;
const TELL_EVERY_MS = 20_000;

/**
 * Repeats a look until it does not throw any more, however long that takes: what ends a wait in vain is the runner's own
 * limit, and stderr says what was waited for.
 */
export async function eventually<T>(look: () => Promise<T> | T): Promise<T> {
  let told = performance.now();
  while (true) {
    try {
      return await look();
    } catch (error) {
      if (performance.now() - told > TELL_EVERY_MS) {
        told = performance.now();
        process.stderr.write(`still waiting: ${error}\n`);
      }
      await sleep(20);
    }
  }
}

/** Asks until the answer is yes, likewise. */
export const until = (isSo: () => boolean | Promise<boolean>): Promise<void> =>
  eventually(async () => {
    if (!(await isSo())) throw new Error(`not yet: ${isSo}`);
  });

/** Somewhere to stop until somebody opens. */
export function gate() {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { passed: promise, open: () => resolve() };
}

/**
 * Brings to disk what is written, off this thread: who asks while one flush runs shares the next.
 * Once one has failed all others fail: the kernel may have dropped what it could not write, and would say of the next that
 * all is well (https://wiki.postgresql.org/wiki/Fsync_Errors). What is on disk shows when the file is opened anew.
 */
export type Flush = {
  /** Resolves when all that is written by now is on disk. */
  ask(): Promise<void>;
  /** The last one that was asked for, until it is done. */
  readonly pending: Promise<void> | undefined;
};

/** @param sync does one, after the one before has ended */
export function createFlush(sync: () => Promise<void>): Flush {
  let pending: Promise<void> | undefined;
  let waiting: Promise<void> | undefined;

  async function flushAfter(before: Promise<void> | undefined): Promise<void> {
    await before;
    waiting = undefined;
    await sync();
    if (waiting === undefined) pending = undefined;
  }

  return {
    ask() {
      if (waiting === undefined) {
        waiting = flushAfter(pending);
        pending = waiting;
      }
      return waiting;
    },
    get pending() {
      return pending;
    },
  };
}

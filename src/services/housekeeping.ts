import type { Log } from '../telemetry/log.ts';

type Chore = {
  name: string;
  everyMs: number;
  /** Milliseconds from the start to its first run; at once if left out. */
  afterMs?: number;
  run(): Promise<unknown>;
};

/**
 * Runs each chore first at once (or when it says) and then again and again, never twice at the same time. A chore that fails is
 * logged, and tried again; what fails as it did the turn before is told in one line.
 */
export function startHousekeeping(
  log: Log,
  chores: readonly Chore[],
): {
  /** Runs a chore now: once more after this turn, where it is running. */
  hurry(name: string): void;
  stop(): Promise<void>;
} {
  let stopped = false;
  const timers = new Map<Chore, NodeJS.Timeout>();
  const running = new Map<Chore, Promise<void>>();
  const hurried = new Set<Chore>();

  const failures = new Map<Chore, string>();
  const tell = (chore: Chore, err: unknown): void => {
    const reason = err instanceof Error ? err.message : String(err);
    if (failures.get(chore) === reason) log.warn({ chore: chore.name, reason }, 'a chore failed again');
    else log.error({ err, chore: chore.name }, 'a chore failed');
    failures.set(chore, reason);
  };

  const turn = async (chore: Chore): Promise<void> => {
    await chore.run().then(
      () => failures.delete(chore),
      (err) => tell(chore, err),
    );
    if (stopped) return;
    if (hurried.delete(chore)) start(chore);
    else timers.set(chore, setTimeout(start, chore.everyMs, chore).unref());
  };
  const start = (chore: Chore): void => {
    timers.delete(chore);
    running.set(chore, turn(chore));
  };
  for (const chore of chores) {
    if (chore.afterMs === undefined) start(chore);
    else timers.set(chore, setTimeout(start, chore.afterMs, chore).unref());
  }

  return {
    hurry(name) {
      for (const chore of chores.filter((one) => one.name === name)) {
        const timer = timers.get(chore);
        clearTimeout(timer);
        if (timer === undefined) hurried.add(chore);
        else if (!stopped) start(chore);
      }
    },
    async stop() {
      stopped = true;
      for (const timer of timers.values()) clearTimeout(timer);
      await Promise.all(running.values());
    },
  };
}

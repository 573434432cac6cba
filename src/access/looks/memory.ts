import { type Clock, isWithin } from '../../clock.ts';
import { createLru } from '../../lru.ts';

/** Answers that are remembered for some time, so that looks at the same thing share one. A failure is not remembered. */
type Memory = {
  once<T>(id: string, look: () => Promise<T>): Promise<T>;
  forget(id: string): void;
};

/** @param ttlMs how old an answer may be; @param max how many are kept */
export function createMemory({ ttlMs, max, clock }: { ttlMs: number; max: number; clock: Clock }): Memory {
  const looks = createLru<{ at: number; look: Promise<unknown> }>(max);
  return {
    once<T>(id: string, look: () => Promise<T>): Promise<T> {
      const known = looks.find(id);
      if (known !== undefined && isWithin(ttlMs, known.at, clock().getTime())) return known.look as Promise<T>;
      const fresh = look();
      const kept = looks.keep(id, { at: clock().getTime(), look: fresh });
      // The failure itself is the caller's to handle.
      fresh.catch(() => {
        if (looks.find(id) === kept) looks.forget(id);
      });
      return fresh;
    },
    forget: looks.forget,
  };
}

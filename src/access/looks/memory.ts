import type { Clock } from '../../clock.ts';

/** Answers that are remembered for some time, so that looks at the same thing share one. A failure is not remembered. */
export type Memory = {
  once<T>(id: string, look: () => Promise<T>): Promise<T>;
  forget(id: string): void;
};

/** @param ttlMs how old an answer may be; @param max how many are kept */
export function createMemory({ ttlMs, max, clock }: { ttlMs: number; max: number; clock: Clock }): Memory {
  const looks = new Map<string, { until: number; look: Promise<unknown> }>();
  return {
    once<T>(id: string, look: () => Promise<T>): Promise<T> {
      const known = looks.get(id);
      if (known !== undefined && known.until > clock().getTime()) return known.look as Promise<T>;
      const fresh = look();
      looks.delete(id);
      looks.set(id, { until: clock().getTime() + ttlMs, look: fresh });
      // The failure itself is the caller's to handle.
      fresh.catch(() => looks.delete(id));
      const oldest = looks.size > max ? looks.keys().next().value : undefined;
      if (oldest !== undefined) looks.delete(oldest);
      return fresh;
    },
    forget: (id) => looks.delete(id),
  };
}

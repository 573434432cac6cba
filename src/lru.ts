/** What was used last, by key; made on first use, or put there. */
export type Lru<Value> = {
  readonly size: number;
  get(key: string, make: () => Value): Value;
  /** undefined when it is not kept. */
  find(key: string): Value | undefined;
  keep(key: string, value: Value): Value;
  forget(key: string): void;
};

/**
 * Keeps the `max` values used last. One that is busy is not forgotten: the cache then holds a few more until it has
 * calmed down.
 */
export function createLru<Value extends object | string>(
  max: number,
  isIdle: (value: Value) => boolean = () => true,
): Lru<Value> {
  const kept = new Map<string, Value>();

  function keep(key: string, value: Value): Value {
    kept.delete(key);
    kept.set(key, value);
    if (kept.size > max) {
      for (const [oldest, candidate] of kept) {
        if (kept.size <= max) break;
        if (oldest !== key && isIdle(candidate)) kept.delete(oldest);
      }
    }
    return value;
  }
  function find(key: string): Value | undefined {
    const value = kept.get(key);
    return value === undefined ? undefined : keep(key, value);
  }
  return {
    get size() {
      return kept.size;
    },
    find,
    keep,
    forget: (key) => void kept.delete(key),
    get: (key, make) => find(key) ?? keep(key, make()),
  };
}

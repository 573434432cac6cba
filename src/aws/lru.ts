/**
 * Values made on first use and kept while they are among the `max` used last. One that is busy is not forgotten: the
 * cache then holds a few more until it has calmed down.
 */
export function createLru<Value>(max: number, isIdle: (value: Value) => boolean = () => true) {
  const kept = new Map<string, Value>();
  return {
    get size() {
      return kept.size;
    },
    get(key: string, make: () => Value): Value {
      const known = kept.get(key);
      const value = known === undefined ? make() : known;
      kept.delete(key);
      kept.set(key, value);
      for (const [oldest, candidate] of kept) {
        if (kept.size <= max) break;
        if (oldest !== key && isIdle(candidate)) kept.delete(oldest);
      }
      return value;
    },
  };
}

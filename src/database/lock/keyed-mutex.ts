/**
 * So many holders per key at a time, one unless told, in the order of asking.
 * @returns resolves to the release, to be called once; null when the key was not free within `timeoutMs`
 */
export const createKeyedMutex = (holders = 1): ((key: string, timeoutMs: number) => Promise<(() => void) | null>) => {
  /** How many hold a key, and who waits for it, the next first. */
  const held = new Map<string, { count: number; waiting: (() => void)[] }>();

  const release = (key: string) => {
    const at = held.get(key);
    const next = at?.waiting.shift();
    if (next !== undefined) next();
    else if (at !== undefined && at.count > 1) at.count -= 1;
    else held.delete(key);
  };

  return async (key, timeoutMs) => {
    const at = held.get(key) ?? { count: 0, waiting: [] };
    if (at.count < holders) {
      at.count += 1;
      held.set(key, at);
      return () => release(key);
    }
    const { waiting } = at;
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const proceed = () => resolve(true);
    waiting.push(proceed);
    const timer = setTimeout(() => {
      const position = waiting.indexOf(proceed);
      // Not found: the key was handed over in this very moment, and stays with us.
      if (position >= 0) {
        waiting.splice(position, 1);
        resolve(false);
      }
    }, timeoutMs);
    const got = await promise;
    clearTimeout(timer);
    return got ? () => release(key) : null;
  };
};

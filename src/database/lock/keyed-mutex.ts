/**
 * One holder per key at a time, in the order of asking.
 * @returns resolves to the release, to be called once; null when the key was not free within `timeoutMs`
 */
export const createKeyedMutex = (): ((key: string, timeoutMs: number) => Promise<(() => void) | null>) => {
  /** Who waits for each key that is held, the next first. */
  const held = new Map<string, (() => void)[]>();

  const release = (key: string) => {
    const next = held.get(key)?.shift();
    if (next === undefined) held.delete(key);
    else next();
  };

  return async (key, timeoutMs) => {
    const waiting = held.get(key);
    if (waiting === undefined) {
      held.set(key, []);
      return () => release(key);
    }
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

/** Lets so many through at once for each key; the others wait in their order. */
export function createGate(atOnce: number): <T>(key: string, work: () => Promise<T>) => Promise<T> {
  const gates = new Map<string, { running: number; waiting: (() => void)[] }>();
  return async (key, work) => {
    const gate = gates.get(key) ?? { running: 0, waiting: [] };
    gates.set(key, gate);
    if (gate.running < atOnce) gate.running += 1;
    else await new Promise<void>((resolve) => gate.waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = gate.waiting.shift();
      if (next !== undefined) next();
      else gate.running -= 1;
      if (gate.running === 0) gates.delete(key);
    }
  };
}

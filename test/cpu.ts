/** Milliseconds since `begun`, a process.threadCpuUsage(), that this thread itself computed: others on the machine don't count. */
export function cpuSince(begun: NodeJS.CpuUsage): number {
  const { user, system } = process.threadCpuUsage(begun);
  return (user + system) / 1_000;
}

/** Milliseconds of its own that this thread takes for some work, the best of three. */
export function cpuOf(work: () => void): number {
  const once = () => {
    const begun = process.threadCpuUsage();
    work();
    return cpuSince(begun);
  };
  return Math.min(once(), once(), once());
}

/**
 * Milliseconds of its own that this thread takes for what takes about 50 on the machine that the service is made on: reads a
 * megabyte of JSON, a hundred thousand values, five times. What may take no longer is held to it on any machine.
 */
export const fiftyMilliseconds = (): number => cpuOf(() => void Array.from({ length: 5 }, () => JSON.parse(TEXT)));

const TEXT = JSON.stringify(Array.from({ length: 100_000 }, (_, a) => ({ a })));

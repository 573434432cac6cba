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
 * How many times the CPU of `fiftyMilliseconds` this thread takes for some work. Work that takes more than `atMost` is measured
 * again, each time beside the measure itself, up to ten times, and the least counts: who else uses the processor, and its caches,
 * slows both.
 */
export async function timesFifty(atMost: number, work: () => unknown): Promise<number> {
  known ??= fiftyMilliseconds();
  let least = (await cpuOnce(work)) / known;
  for (let tries = 1; tries < 10 && least > atMost; tries += 1) {
    least = Math.min(least, (await cpuOnce(work)) / fiftyMilliseconds());
  }
  return least;
}

async function cpuOnce(work: () => unknown): Promise<number> {
  const begun = process.threadCpuUsage();
  await work();
  return cpuSince(begun);
}

/**
 * Milliseconds of its own that this thread takes for what takes about 50 on the machine that the service is made on: reads a
 * megabyte of JSON, a hundred thousand values, five times. What may take no longer is held to it on any machine.
 */
const fiftyMilliseconds = (): number => cpuOf(() => void Array.from({ length: 5 }, () => JSON.parse(TEXT)));
let known: number | undefined;

const TEXT = JSON.stringify(Array.from({ length: 100_000 }, (_, a) => ({ a })));

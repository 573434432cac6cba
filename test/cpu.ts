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

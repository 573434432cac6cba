/**
 * Lets so many works run at once; the others wait, first come, first served. For what takes memory while it runs: what waits
 * takes none.
 * @param most works that run at once, at least 1
 */
export function createTurns(most: number): <Result>(work: () => Promise<Result>) => Promise<Result> {
  const line: (() => void)[] = [];
  let free = most;

  return async (work) => {
    if (free > 0) free -= 1;
    else await new Promise<void>((resolve) => line.push(resolve));
    try {
      return await work();
    } finally {
      const next = line.shift();
      if (next === undefined) free += 1;
      else next();
    }
  };
}

import { Session } from 'node:inspector/promises';
import type { Budget, InTurns } from '../../src/policy/evaluate/budget.ts';

/**
 * How many calls of functions of ours some work makes that others may interrupt after so many steps: all together, and the most
 * before they may, of so many turns: counting takes longer than the work. It is the same on every machine, however busy.
 */
export async function callsInTurns(
  work: InTurns<unknown>,
  budget: Budget,
  { steps, turns }: { steps: number; turns: number },
): Promise<{ all: number; most: number }> {
  return counting(async (count) => {
    let [all, most] = [0, 0];
    for (let isDone = false, turn = 1; !isDone; turn += 1) {
      budget.pauseAt = budget.left - steps;
      isDone = work.next().done === true;
      if (turn > turns && !isDone) continue;
      const calls = await count();
      all += calls;
      if (turn <= turns) most = Math.max(most, calls);
    }
    return { all, most };
  });
}

/** @param work `count`: the calls since it was last asked */
async function counting<Result>(work: (count: () => Promise<number>) => Promise<Result>): Promise<Result> {
  const session = new Session();
  session.connect();
  try {
    await session.post('Profiler.enable');
    await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: false });
    return await work(async () => {
      const { result } = await session.post('Profiler.takePreciseCoverage');
      const ours = result.filter(({ url }) => url.includes('/src/'));
      return ours.flatMap(({ functions }) => functions).reduce((sum, { ranges }) => sum + (ranges[0]?.count ?? 0), 0);
    });
  } finally {
    session.disconnect();
  }
}

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { startBed } from './bed.ts';
import { median, printTable, type Row } from './table.ts';

const ROUNDS = 9;
const SHARES = 50;

/**
 * The CPU that this process takes for a share, all its threads together, against the bare SDK's Get + Put: AWS and whoever shares are
 * processes of their own. In turns, in one run.
 */
export async function benchCpu(rounds = ROUNDS): Promise<Row[]> {
  const bed = await startBed();
  const caller = fork(new URL('caller.ts', import.meta.url), [bed.url]);
  const share = async (count: number) => {
    caller.send({ count });
    await once(caller, 'message');
  };
  const bare = async (count: number) => {
    for (let n = 0; n < count; n += 1) await bed.bare('demo/database');
  };

  const taken: { ours: number; theirs: number }[] = [];
  // A process that serves is warm.
  await share(12 * SHARES);
  await bare(12 * SHARES);
  for (let round = 0; round < rounds; round += 1) {
    taken.push({ ours: await cpuOf(() => share(SHARES)), theirs: await cpuOf(() => bare(SHARES)) });
  }
  const ours = median(taken.map((one) => one.ours)) / SHARES;
  const theirs = median(taken.map((one) => one.theirs)) / SHARES;

  caller.kill();
  await bed.close();
  return [
    {
      measure: 'CPU of a share, all threads, against the bare SDK’s Get + Put',
      ours: `${ours.toFixed(1)} ms`,
      theirs: `${theirs.toFixed(1)} ms`,
      ratio: ours / theirs,
      bar: 2.5,
      better: 'less',
    },
  ];
}

/** Milliseconds of this process. */
async function cpuOf(work: () => Promise<void>): Promise<number> {
  const begun = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(begun);
  return (user + system) / 1_000;
}

if (import.meta.main) printTable(await benchCpu(Number(process.argv[2] ?? ROUNDS)));

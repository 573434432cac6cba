import { randomInt } from 'node:crypto';
import { relative } from 'node:path';

const SIZES = ['short', 'long', 'full'];
const asked = process.env['RUNS'] ?? 'short';
const size = SIZES.indexOf(asked);
if (size < 0) throw new Error(`RUNS is "${asked}"; it takes ${SIZES.join(', ')}`);

/** Whether this is `npm run test:long`, which takes the slow cases too. */
export const isLong = size > 0;

/** One of three numbers by RUNS: `short` in `npm test`, `long` in `npm run test:long`, `full` for those who can wait. */
export const runs = (short: number, long: number, full: number): number => [short, long, full][size] ?? short;

/** Of everything that is generated. SEED, or else always the same in `npm test`, and by chance in `npm run test:long`. */
export const SEED = Number(process.env['SEED'] ?? (isLong ? randomInt(2 ** 31) : 20_260_101));
// What repeats this run.
if (isLong) {
  // Scripts show what tests build, and would be ended with the tests' time limit.
  const { default: t } = await import('tap');
  t.comment(`RUNS=${asked} SEED=${SEED} npx tap ${relative('.', process.argv[1] ?? '')}`);
}

/** For fast-check: so many runs, from the seed. */
export const cases = (short: number, long: number, full: number) => ({ numRuns: runs(short, long, full), seed: SEED });

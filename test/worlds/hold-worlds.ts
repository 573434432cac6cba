import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { Test } from 'tap';
import { SEED } from '../runs.ts';
import type { Order, Tried } from './try-worlds.ts';

/** The seed of `npm test`, of which the floors are. */
const USUAL_SEED = 20_260_101;

/** How many definite answers of each kind there are at least, in so many worlds; and in the few that `npm test` plays. */
type Floors = Counts & { few?: Counts };
type Counts = { worlds: number; counts: Record<string, number> };

/**
 * Holds every definite answer in generated worlds against real calls. Of the first kinds that are false it prints the
 * smallest world, as test/cases/worlds has them. An answer that is not definite is never false: so each kind has a floor.
 */
export async function holdWorlds(t: Test, kind: Order['kind'], worlds: number, floors: Floors): Promise<void> {
  const { counts, falses } = await inWorker({ kind, worlds, seed: SEED });
  t.comment(JSON.stringify(counts, null, 1));
  for (const { kind: rule, wrong, times, world } of falses) {
    if (world !== undefined) t.comment(JSON.stringify({ rule, world }));
    t.fail(`${rule} is false ${times} times: ${wrong}`);
  }
  t.same(
    falses.map(({ kind: rule }) => rule),
    [],
    'the kinds of answers that are false',
  );
  const usual = SEED === USUAL_SEED ? [floors, floors.few].find((one) => one?.worlds === worlds) : undefined;
  for (const [rule, floor] of Object.entries((usual ?? floors).counts)) {
    const least = usual === undefined ? leastByChance(floor * (worlds / floors.worlds)) : floor;
    // What is so rare may be in none of other worlds.
    if (least === 0) continue;
    t.ok((counts[rule] ?? 0) >= least, `${rule}: ${counts[rule] ?? 0} definite answers, at least ${least}`);
  }
}

/** In a thread of its own, where tap does not watch over each promise: that is a fifth of the time. */
async function inWorker(order: Order): Promise<Tried> {
  const worker = new Worker(new URL('./try-worlds.ts', import.meta.url), { workerData: order, execArgv: [] });
  const [tried] = await once(worker, 'message');
  return tried as Tried;
}

/**
 * Half of what is expected, less three standard deviations of a count: of a few hundred kinds none falls below it by chance,
 * be the usual seed's a lucky one or several of a world's, and a kind that is said no more does.
 */
const leastByChance = (expected: number): number => Math.max(0, Math.floor(expected / 2 - 3 * Math.sqrt(expected)));

import fc from 'fast-check';
import type { Test } from 'tap';
import { SEED } from '../runs.ts';
import { makeBed } from './bed.ts';
import { judgeWorld } from './judge-world.ts';
import { shrink } from './shrink.ts';
import { type World, written } from './world.ts';

/** In memory at once. */
const BATCH = 500;
/** The seed of `npm test`, of which the floors are. */
const USUAL_SEED = 20_260_101;

/** How many definite answers of each kind there are at least, in so many worlds. */
type Floors = { worlds: number; counts: Record<string, number> };

type Found = { world: World; wrong: string; times: number };

/**
 * Holds every definite answer in generated worlds against real calls. Of the first kinds that are false it prints the
 * smallest world, as test/cases/worlds has them. An answer that is not definite is never false: so each kind has a floor.
 */
export async function holdWorlds(
  t: Test,
  arbitrary: fc.Arbitrary<World>,
  worlds: number,
  floors: Floors,
): Promise<void> {
  const bed = await makeBed();
  t.teardown(() => bed.close());
  const counts = new Map<string, number>();
  const falses = new Map<string, Found>();
  for (let from = 0; from < worlds; from += BATCH) {
    const sample = fc.sample(arbitrary, { numRuns: Math.min(BATCH, worlds - from), seed: SEED + from });
    for (const world of sample) {
      for (const { kind, about, wrong } of await judgeWorld(bed, world)) {
        counts.set(kind, (counts.get(kind) ?? 0) + 1);
        if (wrong === null) continue;
        const first = falses.get(kind) ?? { world, wrong: `${about}: ${wrong}`, times: 0 };
        falses.set(kind, { ...first, times: first.times + 1 });
      }
    }
  }
  t.comment(JSON.stringify(Object.fromEntries([...counts].toSorted()), null, 1));

  for (const [kind, { world, wrong, times }] of [...falses].slice(0, 3)) {
    const isFalse = async (one: World) =>
      (await judgeWorld(bed, one)).some((claim) => claim.kind === kind && claim.wrong !== null);
    t.comment(JSON.stringify({ rule: kind, world: written(await shrink(world, isFalse)) }));
    t.fail(`${kind} is false ${times} times: ${wrong}`);
  }
  t.same([...falses.keys()], [], 'the kinds of answers that are false');
  const isUsual = SEED === USUAL_SEED && worlds === floors.worlds;
  for (const [kind, floor] of Object.entries(floors.counts)) {
    const least = isUsual ? floor : leastByChance(floor * (worlds / floors.worlds));
    // What is so rare may be in none of other worlds.
    if (least === 0) continue;
    t.ok((counts.get(kind) ?? 0) >= least, `${kind}: ${counts.get(kind) ?? 0} definite answers, at least ${least}`);
  }
}

/**
 * Half of what is expected, less two standard deviations of a count: of a few hundred kinds none falls below it by chance,
 * and a kind that is said no more does.
 */
const leastByChance = (expected: number): number => Math.max(0, Math.floor(expected / 2 - 2 * Math.sqrt(expected)));

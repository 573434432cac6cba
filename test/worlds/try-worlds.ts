import { parentPort, workerData } from 'node:worker_threads';
import fc from 'fast-check';
import {
  changedWorld,
  limitedWorld,
  pairOfDocuments,
  rekeyedWorld,
  stillWorld,
  worldByCondition,
} from './arbitrary-world.ts';
import { makeBed } from './bed.ts';
import { judgeWorld } from './judge-world.ts';
import { shrink } from './shrink.ts';
import { type World, written } from './world.ts';

const ARBITRARIES = { stillWorld, changedWorld, limitedWorld, pairOfDocuments, rekeyedWorld, worldByCondition };
/** In memory at once. */
const BATCH = 500;
/** How many kinds of false answers get a smallest world. */
const SHRUNK = 3;

export type Order = { kind: keyof typeof ARBITRARIES; worlds: number; seed: number };

/** How many definite answers of each kind there were, and of those that were false the first world, as small as may be. */
export type Tried = {
  counts: Record<string, number>;
  falses: { kind: string; wrong: string; times: number; world?: Partial<World> }[];
};

type Found = { world: World; wrong: string; times: number };

async function tryWorlds({ kind: arbitrary, worlds, seed }: Order): Promise<Tried> {
  const bed = await makeBed();
  const counts = new Map<string, number>();
  const falses = new Map<string, Found>();
  for (let from = 0; from < worlds; from += BATCH) {
    const numRuns = Math.min(BATCH, worlds - from);
    for (const world of fc.sample<World>(ARBITRARIES[arbitrary], { numRuns, seed: seed + from })) {
      for (const { kind, about, wrong } of await judgeWorld(bed, world)) {
        counts.set(kind, (counts.get(kind) ?? 0) + 1);
        if (wrong === null) continue;
        const first = falses.get(kind) ?? { world, wrong: `${about}: ${wrong}`, times: 0 };
        falses.set(kind, { ...first, times: first.times + 1 });
      }
    }
  }
  const found: Tried['falses'] = [];
  for (const [kind, { world, ...of }] of falses) {
    const isFalse = async (one: World) =>
      (await judgeWorld(bed, one)).some((claim) => claim.kind === kind && claim.wrong !== null);
    found.push({ kind, ...of, ...(found.length < SHRUNK && { world: written(await shrink(world, isFalse)) }) });
  }
  await bed.close();
  return { counts: Object.fromEntries([...counts].toSorted()), falses: found };
}

parentPort?.postMessage(await tryWorlds(workerData as Order));

import { readdirSync, readFileSync } from 'node:fs';
import t from 'tap';
import { makeBed } from './bed.ts';
import { judgeWorld } from './judge-world.ts';
import { type World, worldOf } from './world.ts';

/** Worlds in which an answer was false once, by what it was; `npm test` prints them so when it finds one. */
const DIRECTORY = new URL('../cases/worlds/', import.meta.url);
type Case = { rule: string; world: Partial<World> };

t.test('worlds in which an answer was false once', async (t) => {
  const bed = await makeBed();
  t.teardown(() => bed.close());
  for (const file of readdirSync(DIRECTORY).toSorted()) {
    const cases = JSON.parse(readFileSync(new URL(file, DIRECTORY), 'utf8')) as Case[];
    for (const { rule, world } of cases) {
      const claims = await judgeWorld(bed, worldOf(world));
      t.not(claims.length, 0, `${rule}: something definite is said`);
      t.same(
        claims.filter(({ wrong }) => wrong !== null),
        [],
        rule,
      );
    }
  }
});

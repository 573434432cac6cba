import fc from 'fast-check';
import t from 'tap';
import { cases } from '../runs.ts';
import { eventually } from '../wait.ts';
import { changedWorld, rekeyedWorld } from './arbitrary-world.ts';
import { makeBed } from './bed.ts';
import { judgeEstate } from './judge-estate.ts';
import { type World, written } from './world.ts';

const WORLDS = cases(12, 400, 12_000);

t.test(`no definite answer from the readers’ side is false in ${WORLDS.numRuns} worlds`, async (t) => {
  const bed = await makeBed();
  t.teardown(() => bed.close());
  const { json } = await bed.ask('POST', '/v1/estate/surveys', {});
  await eventually(async () => {
    const operation = await bed.ask('GET', `/v1/operations/${json['id']}`);
    if (operation.json['status'] !== 'done') throw new Error(JSON.stringify(operation.json));
  });
  const counts = new Map<string, number>();
  for (const world of fc.sample<World>(fc.oneof(changedWorld, rekeyedWorld), WORLDS)) {
    for (const { kind, about, wrong } of await judgeEstate(bed, world)) {
      counts.set(kind, (counts.get(kind) ?? 0) + 1);
      if (wrong === null) continue;
      t.fail(`${kind} of ${about} is false: ${wrong}`);
      t.comment(JSON.stringify({ rule: kind, world: written(world) }));
    }
  }
  t.comment(JSON.stringify(Object.fromEntries([...counts].toSorted()), null, 1));
  const definite = [...counts].filter(([kind]) => /^estate (not listed|check (allowed|\w+Denied))$/.test(kind));
  const answers = definite.reduce((sum, [, count]) => sum + count, 0);
  t.ok(answers >= WORLDS.numRuns / 4, `${answers} definite answers`);
});

import { readFileSync } from 'node:fs';
import { type Bed, makeBed } from './bed.ts';
import { judgeWorld } from './judge-world.ts';
import { type World, worldOf } from './world.ts';

/** `node test/worlds/play.ts FILE`: what is answered in the worlds of a file of test/cases/worlds, and what of it is false. */

const cases = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as { rule: string; world: Partial<World> }[];
const bed = await makeBed();
const shown: Bed = {
  ...bed,
  ask: async (method, url, ...rest) => {
    const answer = await bed.ask(method, url, ...rest);
    const { policy: _, before: __, diff: ___, ...json } = answer.json;
    console.log(
      `${method} ${url.replace(/^.*?%3Asecret%3A[^/]*/, '…')}: ${answer.status}`,
      JSON.stringify(json, null, 1),
    );
    return answer;
  },
};
for (const { rule, world } of cases) {
  console.log(`\n# ${rule}`);
  for (const { kind, about, wrong } of await judgeWorld(shown, worldOf(world))) {
    console.log(wrong === null ? 'true ' : 'FALSE', kind, `(${about})`, wrong ?? '');
  }
}
await bed.close();

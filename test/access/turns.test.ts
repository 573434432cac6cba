import { setImmediate as nextTurn } from 'node:timers/promises';
import t from 'tap';
import { type Identity, SYSTEM } from '../../src/access/identity.ts';
import { judgeInTurns } from '../../src/access/judge/turns.ts';
import { type Budget, type InTurns, isDue, spend } from '../../src/policy/evaluate/budget.ts';

/** Much more than judging takes in one turn of the event loop. */
const MUCH = 1_000_000;

const caller = (subject: string): Identity => ({ ...SYSTEM.identity, subject });

/** Judging that says when it begins and ends. */
const judging = (name: string, steps: number, told: string[]) =>
  function* (budget: Budget): InTurns<string> {
    told.push(`${name} begins`);
    for (let done = 0; done < steps; done += 1_000) {
      spend(budget, 1_000);
      if (isDue(budget)) yield;
    }
    told.push(`${name} ends`);
    return name;
  };

t.test('what little there is to judge is judged at once', async (t) => {
  const told: string[] = [];
  const little = judgeInTurns(caller('ann'), judging('little', 5_000, told));
  t.strictSame(told, ['little begins', 'little ends'], 'before anything else');
  t.equal(await little, 'little');
  await nextTurn();
});

t.test('of much, others come in between: each turn of the event loop takes its part', async (t) => {
  let turns = 0;
  let isDone = false;
  const much = judgeInTurns(caller('ann'), judging('much', MUCH, [])).then(() => {
    isDone = true;
  });
  while (!isDone) {
    await nextTurn();
    turns += 1;
  }
  await much;
  t.ok(turns >= 9, `${turns} turns`);
});

t.test('who has much to be judged holds up itself, and nobody else', async (t) => {
  const told: string[] = [];
  const all = ['first', 'second', 'third'].map((name) => judgeInTurns(caller('eve'), judging(name, MUCH, told)));
  await judgeInTurns(caller('ann'), judging('other', MUCH / 2, told));
  t.strictSame(told, ['first begins', 'other begins', 'other ends'], 'before the second begins');
  t.strictSame(await Promise.all(all), ['first', 'second', 'third']);
});

t.test('judging that fails rejects, and the next goes on', async (t) => {
  // biome-ignore lint/correctness/useYield: it fails before
  const failing = judgeInTurns(caller('ann'), function* (): InTurns<never> {
    throw new Error('broken');
  });
  await t.rejects(failing, /broken/);
  t.equal(await judgeInTurns(caller('ann'), judging('next', MUCH, [])), 'next');
});

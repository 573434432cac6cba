import t from 'tap';
import floors from '../cases/floors/limited-worlds.json' with { type: 'json' };
import { isLong, runs } from '../runs.ts';
import { holdWorlds } from './hold-worlds.ts';

const WORLDS = runs(0, 600, 12_000);

t.test(
  `no definite answer is false in ${WORLDS} worlds of session policies and control policies`,
  { skip: !isLong && 'npm test has the tables of test/access, and test/cases/worlds' },
  (t) => holdWorlds(t, 'limitedWorld', WORLDS, floors),
);

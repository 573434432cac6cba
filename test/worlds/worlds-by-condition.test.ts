import t from 'tap';
import floors from '../cases/floors/worlds-by-condition.json' with { type: 'json' };
import { isLong, runs } from '../runs.ts';
import { holdWorlds } from './hold-worlds.ts';

const WORLDS = runs(0, 1_000, 8_000);

t.test(
  `no definite answer is false in ${WORLDS} worlds of permission sets and organizational units`,
  { skip: !isLong && 'npm test plays those of test/cases/worlds' },
  (t) => holdWorlds(t, 'worldByCondition', WORLDS, floors),
);

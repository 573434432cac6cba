import t from 'tap';
import floors from '../cases/floors/effects.json' with { type: 'json' };
import { isLong, runs } from '../runs.ts';
import { holdWorlds } from './hold-worlds.ts';

const PAIRS = runs(0, 1_500, 10_000);

t.test(
  `who gains and who loses is what everybody finds who tries, in ${PAIRS} pairs of documents`,
  { skip: !isLong && 'npm test has the tables of test/access, and test/cases/worlds/changes.json' },
  (t) => holdWorlds(t, 'pairOfDocuments', PAIRS, floors),
);

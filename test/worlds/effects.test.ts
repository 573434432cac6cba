import t from 'tap';
import floors from '../cases/floors/effects.json' with { type: 'json' };
import { runs } from '../runs.ts';
import { holdWorlds } from './hold-worlds.ts';

const PAIRS = runs(50, 1_500, 10_000);

t.test(`who gains and who loses is what everybody finds who tries, in ${PAIRS} pairs of documents`, (t) =>
  holdWorlds(t, 'pairOfDocuments', PAIRS, floors),
);

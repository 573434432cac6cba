import t from 'tap';
import floors from '../cases/floors/changed-worlds.json' with { type: 'json' };
import { isLong, runs } from '../runs.ts';
import { holdWorlds } from './hold-worlds.ts';

const WORLDS = runs(0, 700, 8_000);

t.test(
  `no definite answer is false in ${WORLDS} worlds that our API changes`,
  { skip: !isLong && 'npm test plays test/cases/worlds/changes.json' },
  (t) => holdWorlds(t, 'changedWorld', WORLDS, floors),
);

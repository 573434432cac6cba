import t from 'tap';
import floors from '../cases/floors/changed-worlds.json' with { type: 'json' };
import { runs } from '../runs.ts';
import { holdWorlds } from './hold-worlds.ts';

const WORLDS = runs(60, 700, 8_000);

t.test(`no definite answer is false in ${WORLDS} worlds that our API changes`, (t) =>
  holdWorlds(t, 'changedWorld', WORLDS, floors),
);

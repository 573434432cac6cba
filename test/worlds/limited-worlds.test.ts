import t from 'tap';
import floors from '../cases/floors/limited-worlds.json' with { type: 'json' };
import { runs } from '../runs.ts';
import { holdWorlds } from './hold-worlds.ts';

const WORLDS = runs(30, 600, 12_000);

t.test(`no definite answer is false in ${WORLDS} worlds of session policies and control policies`, (t) =>
  holdWorlds(t, 'limitedWorld', WORLDS, floors),
);

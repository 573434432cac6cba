import t from 'tap';
import floors from '../cases/floors/still-worlds.json' with { type: 'json' };
import { runs } from '../runs.ts';
import { holdWorlds } from './hold-worlds.ts';

const WORLDS = runs(200, 1_600, 12_000);

t.test(`no definite answer is false in ${WORLDS} worlds`, (t) => holdWorlds(t, 'stillWorld', WORLDS, floors));

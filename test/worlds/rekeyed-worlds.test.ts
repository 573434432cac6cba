import t from 'tap';
import floors from '../cases/floors/rekeyed-worlds.json' with { type: 'json' };
import { isLong, runs } from '../runs.ts';
import { holdWorlds } from './hold-worlds.ts';

const WORLDS = runs(0, 1_000, 4_000);

t.test(
  `no definite answer is false in ${WORLDS} worlds whose secret had another key before`,
  { skip: !isLong && 'npm test plays test/cases/worlds/former-keys.json' },
  (t) => holdWorlds(t, 'rekeyedWorld', WORLDS, floors),
);

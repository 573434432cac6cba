import { join } from 'node:path';
import t from 'tap';
import { killAgainAndAgain } from './kill.ts';

t.test('SQLite: whenever the process is killed, nothing that was answered is lost', (t) =>
  killAgainAndAgain(t, `sqlite:${join(t.testdir({}), 'audit.db')}`),
);

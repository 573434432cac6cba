import t from 'tap';
import { startPostgres } from '../postgres.ts';
import { killAgainAndAgain } from './kill.ts';

t.test('PostgreSQL: whenever the process is killed, nothing that was answered is lost', async (t) => {
  const postgres = await startPostgres(t);
  await killAgainAndAgain(t, await postgres.freshDatabase());
});

import pg from 'pg';
import t from 'tap';
import { startPostgres } from '../postgres.ts';
import { runs, SEED } from '../runs.ts';
import { onPostgres, onSqlite } from './databases.ts';
import { liveThrough, type Place } from './history.ts';

const HISTORIES = runs(1, 2, 50);
const postgres = await startPostgres(t);

async function threeReplicas(): Promise<Place> {
  const databases = await onPostgres(postgres);
  return {
    count: 3,
    databases,
    async endLocks() {
      const client = new pg.Client(databases.url);
      await client.connect();
      await client.query(
        "select pg_terminate_backend(pid) from pg_stat_activity where application_name like '% locks'",
      );
      await client.end();
    },
    restartDatabase() {
      postgres.kill();
      return postgres.restart();
    },
  };
}

for (let n = 0; n < HISTORIES; n += 1) {
  const isAlone = n % 2 === 1;
  t.test(`history ${n + 1}, ${isAlone ? 'one process on SQLite' : 'three replicas on PostgreSQL'}`, async (t) => {
    const place = isAlone
      ? { count: 1, databases: onSqlite(t), endLocks: async () => {}, restartDatabase: async () => {} }
      : await threeReplicas();
    await liveThrough(t, SEED + n, place);
  });
}

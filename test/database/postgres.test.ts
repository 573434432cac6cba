import { writeFileSync } from 'node:fs';
import { sql } from 'kysely';
import t from 'tap';
import { connect } from '../../src/database/connect.ts';
import { createSecretLock } from '../../src/database/lock/index.ts';
import { openDatabase } from '../../src/open-database.ts';
import { startPostgres } from '../postgres.ts';
import { eventually, until } from '../wait.ts';
import { refuseNewer } from './refuse-newer.ts';
import { threeUsers } from './roles.ts';
import { startPooler } from './start-pooler.ts';

/** PostgreSQL as people run it: behind a pooler, and with passwords that change. */
const postgres = await startPostgres(t);

t.test('behind a pooler in session mode: limits are set, and locks hold', async (t) => {
  const database = await connect(await startPooler(t, await postgres.freshDatabase(), 'session'));
  t.teardown(() => database.close());
  const setting = async (name: string) =>
    (await sql<{ value: string }>`select current_setting(${name}) as value`.execute(database.kysely)).rows[0]?.value;
  t.equal(await setting('statement_timeout'), '5s');
  t.equal(await setting('lock_timeout'), '5s');
  t.equal(await setting('idle_in_transaction_session_timeout'), '5s');
  t.equal(await setting('tcp_keepalives_idle'), '10');
  const lock = createSecretLock(database);
  t.teardown(() => lock.close());
  t.equal(await lock.withLock('secret', async ({ confirm }) => confirm().then(() => 'held')), 'held');
});

t.test('a pooler in transaction mode is noticed at the start, which says what to do', async (t) => {
  const url = await startPooler(t, await postgres.freshDatabase(), 'transaction');
  await t.rejects(connect(url), { code: 'audit-unavailable', message: /transaction mode.*pool_mode = session/ });
});

t.test('each new connection reads the password’s file: it is rotated without a restart', async (t) => {
  const url = new URL(await postgres.freshDatabase());
  const owner = await connect(url.href);
  t.teardown(() => owner.close());
  await sql`create role rotated login superuser password 'first'`.execute(owner.kysely);
  const file = `${t.testdir()}/password`;
  writeFileSync(file, 'first\n');
  const address = Object.assign(new URL(url), { username: 'rotated', password: '' }).href;
  const config = { databaseUrl: address, databasePassword: { file }, region: 'us-east-1' };
  const database = await openDatabase(config, {});
  t.teardown(() => database.close());
  await sql`alter role rotated password 'second'`.execute(owner.kysely);
  const end = sql`select pg_terminate_backend(pid) from pg_stat_activity where usename = 'rotated'`;
  await end.execute(owner.kysely);
  await until(async () => {
    const error = await database.ping().catch(({ cause }) => cause);
    return /password authentication failed/.test(String(error));
  });
  writeFileSync(file, 'second\n');
  await eventually(() => database.ping());
  t.equal((await sql<{ user: string }>`select current_user as user`.execute(database.kysely)).rows[0]?.user, 'rotated');
});

t.test('a version before the one that migrated it does not start, and says so', async (t) =>
  refuseNewer(t, await postgres.freshDatabase()),
);

t.test(
  'users of their own for owner, service and archive: only the last moves the boundary, and nobody else deletes',
  (t) => threeUsers(t, postgres),
);

import { writeFileSync } from 'node:fs';
import { sql } from 'kysely';
import t from 'tap';
import { connect } from '../../src/database/connect.ts';
import { createSecretLock } from '../../src/database/lock/index.ts';
import { createHome } from '../../src/database/replicas/home.ts';
import { openDatabase } from '../../src/services/open-database.ts';
import { startPostgres } from '../postgres.ts';
import { eventually, until } from '../wait.ts';
import { refuseNewer } from './refuse-newer.ts';
import { threeUsers } from './roles.ts';
import { startPooler } from './start-pooler.ts';

/** PostgreSQL as people run it: behind a pooler, and with passwords that change. */
const postgres = await startPostgres(t);

t.test('behind a pooler in session mode: limits are set, and locks hold', async (t) => {
  const database = await connect(await startPooler(t, [await postgres.freshDatabase()], { mode: 'session' }));
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

for (const next of ['last', 'first'] as const)
  t.test(`a pooler in transaction mode, which hands out what was free ${next}, is noticed at the start`, async (t) => {
    const url = await startPooler(t, [await postgres.freshDatabase()], { mode: 'transaction', next });
    await t.rejects(connect(url), { code: 'audit-unavailable', message: /transaction mode.*pool_mode = session/ });
  });

for (const mode of ['session', 'transaction'] as const)
  t.test(`a pooler that goes round over two places is noticed at the start, in ${mode} mode too`, async (t) => {
    const urls = [await postgres.freshDatabase(), await postgres.freshDatabase()];
    await t.rejects(connect(await startPooler(t, urls, { mode })), {
      code: 'audit-unavailable',
      message: /several servers or databases/,
    });
  });

t.test('what leads to the database stands before the query of its URL, and nothing in it twice', async (t) => {
  const url = await postgres.freshDatabase();
  for (const [query, named] of Object.entries({
    'password=hunter2': 'password',
    'host=db.example': 'host',
    'connectionString=postgres%3A%2F%2Fdb.example%2Fx': 'connectionString',
    'sslmode=verify-full&user=a&port=1&user=b': 'user, port',
    'sslmode=verify-full&sslmode=no-verify': 'sslmode',
    'h%6Fst=db.example': 'host',
    'host=/run/a&host=db.example': 'host',
  })) {
    const refused = { code: 'audit-unavailable', message: new RegExp(`^The query of DATABASE_URL says ${named}: `) };
    for (const as of ['service', 'tool'] as const) await t.rejects(connect(`${url}?${query}`, { as }), refused, query);
  }
  const database = await connect(`${url}?application_name=ours&sslmode=disable#?host=db.example`);
  t.teardown(() => database.close());
  await database.ping();
  const sockets = connect('postgres://postgres@/audit?host=/nowhere', { as: 'tool' });
  await t.rejects(
    sockets,
    { cause: { message: /connect ENOENT \/nowhere/ } },
    'a directory of sockets is of this machine',
  );
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

t.test('a version starts on what newer ones say that it can work with, and else says why it does not', async (t) =>
  refuseNewer(t, await postgres.freshDatabase()),
);

t.test(
  'users of their own for owner, service and archive: only the last moves the boundary, and nobody else deletes',
  (t) => threeUsers(t, postgres),
);

t.test('a database that can’t say its timeline just now is not taken for a restored one', async (t) => {
  const url = await postgres.freshDatabase();
  const settle = async () => {
    const database = await connect(url);
    try {
      return (await createHome(database, () => new Date()).settleIn()).restored;
    } finally {
      await database.close();
    }
  };
  const owner = await connect(url);
  t.teardown(() => owner.close());
  const answerWith = (state: string) =>
    sql
      .raw(`create or replace function faulty.pg_walfile_name(pg_lsn) returns text language plpgsql as
        $$ begin raise exception 'not now' using errcode = '${state}'; end $$`)
      .execute(owner.kysely);
  t.equal(await settle(), false);

  await sql`create schema faulty`.execute(owner.kysely);
  await answerWith('53300');
  await sql
    .raw(`alter database ${new URL(url).pathname.slice(1)} set search_path = faulty, public, pg_catalog`)
    .execute(owner.kysely);
  await t.rejects(settle(), { code: 'audit-unavailable' }, 'too many connections: a start is tried again');
  await sql`drop schema faulty cascade`.execute(owner.kysely);
  t.equal(await settle(), false, 'nothing was ended');
});

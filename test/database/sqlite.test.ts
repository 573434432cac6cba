import { existsSync, linkSync, realpathSync, renameSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { sql } from 'kysely';
import t from 'tap';
import { connect } from '../../src/database/connect.ts';
import { refuseNewer } from './refuse-newer.ts';

t.test(
  'the file is made with its directories, for its owner only, and written in an order that survives',
  async (t) => {
    const directory = join(t.testdir({}), 'a', 'b');
    const database = await connect(`sqlite:${join(directory, 'audit.db')}`);
    t.teardown(() => database.close());
    await database.ping();
    for (const name of ['audit.db', 'audit.db-wal', 'audit.db-shm', 'audit.db.lock']) {
      t.equal(statSync(join(directory, name)).mode & 0o777, 0o600, name);
    }
    t.equal(statSync(directory).mode & 0o777, 0o700);
    t.match((await sql`pragma journal_mode`.execute(database.kysely)).rows, [{ journal_mode: 'wal' }]);
    t.match((await sql`pragma synchronous`.execute(database.kysely)).rows, [{ synchronous: 1 }], 'NORMAL');
  },
);

t.test('a checkpoint that fails is told of, and what was written stays', async (t) => {
  const directory = join(t.testdir({}), 'data');
  const { promise: told, resolve: onCheckpointFailed } = Promise.withResolvers<unknown>();
  const { kysely, close } = await connect(`sqlite:${join(directory, 'audit.db')}`, { onCheckpointFailed });
  await sql`create table ballast (text text)`.execute(kysely);
  // What is open stays open; a checkpoint opens the file anew.
  renameSync(directory, `${directory}-moved`);
  let isTold = false;
  void told.then(() => {
    isTold = true;
  });
  while (!isTold) await sql`insert into ballast values (${'x'.repeat(200_000)})`.execute(kysely);
  t.match(await told, { message: /unable to open database file/ });
  t.match((await sql`select count(*) > 80 as all_there from ballast`.execute(kysely)).rows, [{ all_there: 1 }]);
  renameSync(`${directory}-moved`, directory);
  await close();
});

t.test('SQLite’s log does not grow for ever, also where somebody writes all the time', async (t) => {
  const file = join(t.testdir({}), 'audit.db');
  const { kysely, close } = await connect(`sqlite:${file}`);
  const other = new DatabaseSync(file);
  const pagesOfLog = () => Number(other.prepare('pragma wal_checkpoint(noop)').get()?.log);
  await sql`create table ballast (text text)`.execute(kysely);
  let most = 0;
  for (let written = 0; written === 0 || pagesOfLog() >= most; written += 1) {
    most = pagesOfLog();
    await sql`insert into ballast values (${'x'.repeat(200_000)})`.execute(kysely);
  }
  t.ok(most > 4_000, `begun anew after ${most} pages`);
  other.close();
  await close();
  t.notOk(existsSync(`${file}-wal`), 'and all of it is in the database when it is closed');
});

t.test('who still writes when the database is closed is told what was kept, and what was not', async (t) => {
  const url = `sqlite:${join(t.testdir({}), 'audit.db')}`;
  const { kysely, close } = await connect(url);
  await sql`create table notes (text text)`.execute(kysely);
  const write = (text: string) =>
    kysely.transaction().execute(async (trx) => {
      await sql`insert into notes values (${text})`.execute(trx);
      await nextTurn();
      await sql`insert into notes values (${text})`.execute(trx);
    });
  const writes = Array.from({ length: 20 }, (_, index) => write(`${index}`));
  const outcomes = Promise.allSettled(writes);
  await close();
  const kept = (await outcomes).filter(({ status }) => status === 'fulfilled').length;
  const again = await connect(url);
  t.same((await sql`select count(*) as count from notes`.execute(again.kysely)).rows, [{ count: 2 * kept }]);
  await again.close();
});

t.test('a transaction that fails leaves nothing, and the next one runs', async (t) => {
  const database = await connect(`sqlite:${join(t.testdir({}), 'audit.db')}`);
  t.teardown(() => database.close());
  const intent = { sequence: 1, change_id: 'c', action: 'share', secret_arn: null, time_ms: 0 };
  const failing = database.kysely.transaction().execute(async (trx) => {
    await trx.insertInto('open_intents').values(intent).execute();
    throw new Error('on purpose');
  });
  await t.rejects(failing, { message: 'on purpose' });
  t.same(await database.kysely.selectFrom('open_intents').selectAll().execute(), []);
  await database.kysely.transaction().execute((trx) => trx.insertInto('open_intents').values(intent).execute());
  t.same(await database.kysely.selectFrom('open_intents').selectAll().execute(), [intent]);
});

t.test('a database that cannot be opened, or is of neither kind, gives audit-unavailable', async (t) => {
  const directory = t.testdir({ 'no-database': 'this is text' });
  for (const url of [
    `sqlite:${join(directory, 'no-database')}`,
    `sqlite:${directory}`,
    'mysql://x',
    'postgres://127.0.0.1:1/x',
  ]) {
    await t.rejects(connect(url, { timeoutMs: 500 }), { code: 'audit-unavailable' }, url);
  }
});

t.test('a second process is refused by whatever name it opens the file', async (t) => {
  const directory = realpathSync(t.testdir({ data: {} }));
  const file = join(directory, 'data', 'audit.db');
  const first = await connect(`sqlite:${file}`);
  symlinkSync('data', join(directory, 'linked'));
  symlinkSync('data/audit.db', join(directory, 'link.db'));
  for (const name of ['linked/audit.db', 'link.db']) {
    await t.rejects(
      connect(`sqlite:${join(directory, name)}`),
      { code: 'audit-unavailable', message: /is in use/ },
      name,
    );
  }
  await first.close();
  const again = await connect(`sqlite:${join(directory, 'link.db')}`);
  t.match(again, { file }, 'what lies beside it is found by its own name');
  await again.close();
  linkSync(file, join(directory, 'hard.db'));
  await t.rejects(connect(`sqlite:${file}`), { code: 'audit-unavailable', message: /several names/ });
});

t.test('a version starts on what newer ones say that it can work with, and else says why it does not', (t) =>
  refuseNewer(t, `sqlite:${join(t.testdir({}), 'audit.db')}`),
);

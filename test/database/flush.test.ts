import { DatabaseSync } from 'node:sqlite';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Kysely, sql } from 'kysely';
import t, { type Test } from 'tap';
import { createFlush } from '../../src/database/engines/flush.ts';
import { nodeSqliteDialect } from '../../src/database/engines/sqlite-dialect.ts';

type Notes = { notes: { text: string }; estate_edges: { text: string } };

/** A database whose disk takes what is written when it is told to. */
async function open(t: Test, { flushWithinMs = 600_000 } = {}) {
  const flushes: { end(): void; fail(error: Error): void }[] = [];
  let isTold = false;
  const flush = createFlush(() => {
    if (!isTold) return Promise.resolve();
    const { promise, resolve: end, reject: fail } = Promise.withResolvers<void>();
    flushes.push({ end, fail });
    return promise;
  });
  const dialect = nodeSqliteDialect(new DatabaseSync(':memory:'), { patienceMs: 1_000, flush, flushWithinMs });
  const kysely = new Kysely<Notes>({ dialect });
  t.teardown(() => kysely.destroy());
  for (const table of ['notes', 'estate_edges'])
    await sql`create table ${sql.table(table)} (text text)`.execute(kysely);
  isTold = true;
  const told: string[] = [];
  const tell = (name: string, work: Promise<unknown>) => work.finally(() => told.push(name));
  return {
    ...{ kysely, flushes, told, tell },
    write: (text: string) => tell(text, kysely.insertInto('notes').values({ text }).execute()),
    read: () => tell('read', kysely.selectFrom('notes').selectAll().execute()),
    /** All that can go on without the disk has gone on. */
    settled: () => nextTurn(),
  };
}

t.test('nobody is told before what is not on disk; who commits during a flush shares the next', async (t) => {
  const { kysely, flushes, told, write, read, settled, tell } = await open(t);
  const first = write('first');
  await settled();
  const others = [
    write('second'),
    tell(
      'third',
      kysely.transaction().execute((trx) => trx.insertInto('notes').values({ text: 'third' }).execute()),
    ),
    read(),
  ];
  await settled();
  t.same([flushes.length, told], [1, []], 'all have done their work, and wait');
  flushes[0]?.end();
  await first;
  await settled();
  t.same([flushes.length, told], [2, ['first']], 'one flush for all the others');
  flushes[1]?.end();
  await Promise.all(others);
  t.same(told.toSorted(), ['first', 'read', 'second', 'third']);
  t.equal((await read()) && flushes.length, 2, 'reading alone asks for none');
});

t.test('nobody waits for the disk because of the index of the estate, which can be made anew', async (t) => {
  const { kysely, flushes, read } = await open(t);
  const text = 'seen';
  await kysely.transaction().execute(async (trx) => {
    await trx.insertInto('estate_edges').values({ text }).execute();
    await trx.updateTable('estate_edges').set({ text: 'later' }).execute();
  });
  t.same(await kysely.selectFrom('estate_edges').selectAll().execute(), [{ text: 'later' }]);
  await kysely.deleteFrom('estate_edges').execute();
  await read();
  t.equal(flushes.length, 0);
  const both = kysely.transaction().execute(async (trx) => {
    await trx.insertInto('notes').values({ text }).execute();
    await trx.insertInto('estate_edges').values({ text }).execute();
  });
  await nextTurn();
  t.equal(flushes.length, 1, 'what has to last does, whatever comes with it');
  flushes[0]?.end();
  await both;
});

t.test('what wrote with an answer is flushed as well', async (t) => {
  const { kysely, flushes, settled } = await open(t);
  const answer = kysely.insertInto('notes').values({ text: 'one' }).returningAll().execute();
  await settled();
  flushes[0]?.end();
  t.same(await answer, [{ text: 'one' }]);
  t.equal(flushes.length, 1);
});

t.test('after a flush that failed nothing is promised any more', async (t) => {
  const { flushes, write, settled } = await open(t);
  const [first, second] = [write('first'), settled().then(() => write('second'))];
  t.rejects(second, { message: 'EIO' }, 'also that which would have been the next');
  await settled();
  await settled();
  flushes[0]?.fail(new Error('EIO'));
  await t.rejects(first, { message: 'EIO' });
  await t.rejects(write('third'), { message: 'EIO' });
  t.equal(flushes.length, 1, 'and none is tried');
});

t.test('a disk that stalls is not waited for without end, and holds up nobody else’s work', async (t) => {
  const { kysely, flushes, write, settled } = await open(t, { flushWithinMs: 50 });
  await t.rejects(write('first'), { message: /has not taken/ });
  await t.rejects(write('second'), { message: /has not taken/ });
  t.equal(flushes.length, 1, 'one at a time');
  flushes[0]?.end();
  await settled();
  flushes[1]?.end();
  await settled();
  t.same(await kysely.selectFrom('notes').selectAll().execute(), [{ text: 'first' }, { text: 'second' }]);
});

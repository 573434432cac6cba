import t from 'tap';
import { prepared } from '../../src/database/prepared.ts';
import { onEveryDatabase } from './on-every-database.ts';

const note = prepared<{ arn: string; at: number }>()((kysely, value) =>
  kysely.insertInto('expiries').values({ secret_arn: value('arn'), expires_at: value('at') }),
);
const notesOf = prepared<{ arn: string; from: number }>()((kysely, value) =>
  kysely
    .selectFrom('expiries')
    .select(['secret_arn', 'expires_at'])
    .where('secret_arn', '=', value('arn'))
    .where('expires_at', '>=', value('from'))
    // A value that is the same in every run stands in the query itself.
    .limit(10),
);

onEveryDatabase(t, async (t, { open }) => {
  await t.test('one query runs with the values of each run, in a transaction too, on several databases', async (t) => {
    const [first, second] = [await open(t), await open(t)];
    await note(first.kysely, { arn: 'a', at: 1 });
    await note(first.kysely, { arn: 'a', at: 2 });
    await note(second.kysely, { arn: 'b', at: 3 });
    await first.kysely.transaction().execute(async (trx) => {
      await note(trx, { arn: 'b', at: 4 });
      t.same(await notesOf(trx, { arn: 'b', from: 0 }), [{ secret_arn: 'b', expires_at: 4 }]);
    });
    t.same(await notesOf(first.kysely, { arn: 'a', from: 2 }), [{ secret_arn: 'a', expires_at: 2 }]);
    t.same(await notesOf(second.kysely, { arn: 'a', from: 0 }), []);
    t.same(await notesOf(second.kysely, { arn: 'b', from: 0 }), [{ secret_arn: 'b', expires_at: 3 }]);
  });

  await t.test('what a transaction rolls back is gone, and a failure is one', async (t) => {
    const { kysely } = await open(t);
    await t.rejects(
      kysely.transaction().execute(async (trx) => {
        await note(trx, { arn: 'a', at: 1 });
        await note(trx, { arn: 'a', at: 1 });
      }),
    );
    t.same(await notesOf(kysely, { arn: 'a', from: 0 }), []);
  });
});

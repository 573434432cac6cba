import { type Kysely, type KyselyPlugin, sql } from 'kysely';
import t from 'tap';
import type { BulkAction } from '../../src/access/bulk/operation.ts';
import { createOperationWatch } from '../../src/access/bulk/watch-operations.ts';
import { callerKey, type Identity } from '../../src/access/identity.ts';
import { operations } from '../../src/database/migrations/0005-operations.ts';
import { listOperations } from '../../src/database/migrations/0006-list-operations.ts';
import { createIncidentStore } from '../../src/database/operations/incidents.ts';
import { createOperationQueue } from '../../src/database/operations/queue.ts';
import { createOperationStore } from '../../src/database/operations/store.ts';
import { createStatistics } from '../../src/database/statistics.ts';
import { gate } from '../wait.ts';
import { onEveryDatabase } from './on-every-database.ts';

const idOf = (index: number) => `01890a5d-ac96-774b-bcce-${String(index).padStart(12, '0')}`;
const caller = (subject: string, issuer: string | null = null): Identity => ({
  ...{ subject, issuer, groups: [], scopes: [] },
  method: issuer === null ? 'apiKey' : 'jwt',
});
const ANN = caller('ann "of" O’Hara');
const SAME_NAME = caller(ANN.subject, 'https://issuer.example');
const item = { secretId: 'prod/db', request: {}, changeId: idOf(9), seal: null };
/** Of an action that no type of this version has. */
const OF_TOMORROW: BulkAction = JSON.parse('"replicate"');
const LATER = { notAfter: new Date(1).toISOString(), seal: '' };

onEveryDatabase(t, async (t, { kind, open }) => {
  const filled = async (t: Parameters<typeof open>[0]) => {
    const database = await open(t);
    const store = createOperationStore(database, () => new Date(0));
    for (const [index, identity] of [ANN, SAME_NAME, ANN].entries()) {
      const requester = { identity, source: { ip: null, userAgent: null }, requestId: null, traceId: null };
      const order = {
        id: idOf(index),
        action: 'share',
        dryRun: false,
        reason: null,
        ticket: null,
        requester,
        ...LATER,
      } as const;
      await store.create(order, Array(index + 1).fill(item));
    }
    return { store, database };
  };

  await t.test('callers take turns: none takes all that is to do', async (t) => {
    const { database } = await filled(t);
    const queue = createOperationQueue(database, () => new Date(1));
    const claim = async (limit: number, ofOne: number, ...without: string[]) =>
      (await queue.claim(limit, { ofOne, without })).map(({ id }) => id).toSorted();
    t.same(await claim(2, 1), [idOf(0), idOf(1)]);
    t.same(await claim(9, 9, callerKey(ANN)), []);
    t.same(await claim(9, 9, callerKey(SAME_NAME)), [idOf(2)]);
    t.same(await claim(9, 9), [], 'they are taken');
  });

  await t.test(
    'what is urgent has turns of its own; incidents are told with their last lift until they are left out',
    async (t) => {
      const { database, store } = await filled(t);
      const requester = { identity: ANN, source: { ip: null, userAgent: null }, requestId: null, traceId: null };
      const asked = { evict: { account: '222222222222' } };
      const order = { dryRun: false, reason: null, ticket: null, requester, ...LATER };
      const incident = { id: idOf(5), asked };
      await store.create({ ...order, id: incident.id, action: 'evict', incident }, [item]);
      const queue = createOperationQueue(database, () => new Date(1));
      const claim = async (only: 'urgent' | 'others') =>
        (await queue.claim(9, { ofOne: 9, without: [], only })).map(({ id }) => id).toSorted();
      t.same(await claim('urgent'), [incident.id]);
      t.same(await claim('others'), [idOf(0), idOf(1), idOf(2)]);

      const incidents = createIncidentStore(database);
      t.match(await incidents.notYetLifted(new Set()), [{ order: { id: incident.id, incident }, lifts: [] }]);
      t.same(await incidents.notYetLifted(new Set([incident.id])), []);
      t.same(await incidents.ids(), new Set([incident.id]));
      for (const id of [idOf(6), idOf(7)])
        await store.create({ ...order, id, action: 'lift', incident: { id: incident.id } }, [item]);
      await queue.refuse(idOf(6), {});
      t.match(await incidents.notYetLifted(new Set([idOf(0)])), [
        {
          lifts: [
            { order: { id: idOf(7) }, isFinished: false },
            { order: { id: idOf(6) }, isFinished: true },
          ],
        },
      ]);
      await queue.refuse(idOf(7), {});
      t.match(await incidents.notYetLifted(new Set()), [{ lifts: [{ order: { id: idOf(7) }, isFinished: true }, {}] }]);
    },
  );

  await t.test('a lease is kept of what is worked on, and of nothing else that was claimed', async (t) => {
    let now = 1;
    const { database } = await filled(t);
    const queue = createOperationQueue(database, () => new Date(now));
    const claim = async () => (await queue.claim(9, { ofOne: 9, without: [] })).map(({ id }) => id).toSorted();
    t.same(await claim(), [idOf(0), idOf(1), idOf(2)]);
    now += 29_000;
    t.same([...(await queue.renew([idOf(1)]))], [idOf(1)]);
    now += 2_000;
    t.same(await claim(), [idOf(0), idOf(2)]);
  });

  await t.test('an operation does not end while it has items that nobody has done', async (t) => {
    const { database, store } = await filled(t);
    const queue = createOperationQueue(database, () => new Date(1));
    const claim = async () => (await queue.claim(9, { ofOne: 9, without: [] })).map(({ id }) => id).toSorted();
    await claim();
    await queue.record(idOf(1), 0, { status: 'applied', result: null });
    await queue.finish(idOf(1));
    t.match(await store.find(idOf(1)), { status: 'running', counts: { applied: 1, pending: 1 } });
    t.same(await claim(), [idOf(1)], 'it is whoever claims it next');
    await queue.record(idOf(1), 1, { status: 'applied', result: null });
    await queue.finish(idOf(1));
    t.match(await store.find(idOf(1)), { status: 'done', counts: { applied: 2 } });
  });

  await t.test('what has not ended is seen by its age', async (t) => {
    const { database, store } = await filled(t);
    const ages = async () => (await createStatistics(database, () => new Date(90_000))()).oldestOperationMs;
    t.equal(await ages(), 90_000);
    await store.cancel(idOf(0));
    t.equal(await ages(), 90_000, 'what is being cancelled has not ended either');
    const rename = (action: BulkAction) => database.kysely.updateTable('operations').set({ action }).execute();
    await rename(OF_TOMORROW);
    t.equal(await ages(), 0, 'what only a newer version can do is not behind');
    await rename('share');
    t.equal(await ages(), 90_000);
    await database.kysely.updateTable('operations').set({ status: 'done' }).execute();
    t.equal(await ages(), 0);
  });

  await t.test(
    'a caller’s own, newest first, with their counts; a namesake of another issuer is another',
    async (t) => {
      const { store } = await filled(t);
      const shown = async (of: Identity | null, page = { limit: 10 }) => {
        const { items, nextCursor } = await store.list(of, page);
        return { items: items.map(({ id, counts }) => [id, counts.total, counts.pending]), nextCursor };
      };
      t.strictSame(await shown(ANN), {
        items: [
          [idOf(2), 3, 3],
          [idOf(0), 1, 1],
        ],
        nextCursor: null,
      });
      t.strictSame((await shown(SAME_NAME)).items, [[idOf(1), 2, 2]]);
      t.strictSame((await shown(caller('nobody'))).items, []);
      const { items, nextCursor } = await store.list(null, { limit: 2 });
      t.strictSame(
        items.map(({ id }) => id),
        [idOf(2), idOf(1)],
      );
      t.match(await store.list(null, { limit: 2, cursor: nextCursor ?? '' }), {
        items: [{ id: idOf(0) }],
        nextCursor: null,
      });
    },
  );

  await t.test('three hundred who watch cost the queries of one', async (t) => {
    const { database } = await filled(t);
    let queries = 0;
    const counting: KyselyPlugin = {
      transformQuery({ node }) {
        queries += 1;
        return node;
      },
      transformResult: async ({ result }) => result,
    };
    const kysely = database.kysely.withPlugin(counting);
    const store = createOperationStore({ ...database, kysely }, () => new Date(0));
    const half = gate();
    const watch = createOperationWatch(store, () => half.passed);
    const [here, left] = [new AbortController(), new AbortController()];
    const watchers = Array.from({ length: 300 }, (_, index) => watch.of(idOf(index % 3), here.signal));
    const begun = watchers.map((watcher) => watcher[Symbol.asyncIterator]());
    const first = await Promise.all(begun.map((iterator) => iterator.next()));
    t.same(
      first.map(({ value }) => [value?.id, value?.counts.total]),
      first.map((_, index) => [idOf(index % 3), 1 + (index % 3)]),
    );
    await database.kysely.updateTable('operations').set({ status: 'done', finished_at: 1 }).execute();
    const second = begun.map((iterator) => iterator.next());
    const alone = watch.of(idOf(0), left.signal)[Symbol.asyncIterator]();
    left.abort();
    t.same(await alone.next(), { done: true, value: undefined });
    queries = 0;
    half.open();
    const statuses = new Set((await Promise.all(second)).map(({ value }) => value?.status));
    t.same([...statuses], ['done']);
    t.equal(queries, 2, 'the operations, and the counts of all of them');
  });

  await t.test('who watches what does not go on hears something every 15 s, for a quarter of an hour', async (t) => {
    const { store } = await filled(t);
    let slept = 0;
    const watch = createOperationWatch(store, async (ms) => {
      slept += ms;
    });
    const seen: [string | undefined, number][] = [];
    for await (const found of watch.of(idOf(0), new AbortController().signal)) seen.push([found?.id, slept]);
    const silences = Array.from({ length: 59 }, (_, index) => [undefined, 15_000 * (index + 1)]);
    t.same(seen, [[idOf(0), 0], ...silences]);
  });

  await t.test('operations of before the column, and of replicas that do not know it, are found as well', async (t) => {
    const { kysely, ...database } = await open(t);
    const store = createOperationStore({ kysely, ...database }, () => new Date(0));
    const insert = (index: number, identity: Identity) => {
      // A reason may hold what PostgreSQL takes in no JSON.
      const request = JSON.stringify({
        dryRun: false,
        reason: 'a\u0000b\ud800',
        ticket: null,
        requester: { identity },
      });
      return sql`insert into operations (id, action, status, request, created_at, lease_until)
        values (${idOf(index)}, 'share', 'done', ${request}, 0, 0)`.execute(kysely);
    };
    for (const table of ['operations', 'operation_items']) await kysely.schema.dropTable(table).execute();
    await operations(kysely as Kysely<unknown>, kind);
    await insert(0, ANN);
    await insert(1, SAME_NAME);
    await listOperations(kysely as Kysely<unknown>);
    await insert(2, SAME_NAME);
    await insert(3, ANN);
    const idsOf = async (of: Identity) => (await store.list(of, { limit: 10 })).items.map(({ id }) => id);
    t.strictSame(await idsOf(ANN), [idOf(3), idOf(0)]);
    t.strictSame(await idsOf(SAME_NAME), [idOf(2), idOf(1)]);
  });
});

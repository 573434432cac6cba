import t from 'tap';
import { createApprovalStore } from '../../src/database/approvals.ts';
import type { Database } from '../../src/database/database.ts';
import { createFinishedWorkPurger } from '../../src/database/finished-work.ts';
import { createFollowUps } from '../../src/database/follow-ups.ts';
import { uuidV7 } from '../../src/uuid.ts';
import { onEveryDatabase } from './on-every-database.ts';

const DAY = 86_400_000;
const NOW = Date.UTC(2026, 5, 1);
const daysAgo = (days: number) => new Date(NOW - days * DAY);

async function addOperation({ kysely }: Database, asked: Date, finished: Date | null): Promise<string> {
  const id = uuidV7(asked);
  const times = { created_at: asked.getTime(), finished_at: finished?.getTime() ?? null, owner: null, lease_until: 0 };
  const status = finished === null ? 'running' : 'done';
  await kysely
    .insertInto('operations')
    .values({ id, action: 'share', status, request: '{}', requester: 'ann', ...times })
    .execute();
  const item = { secret_id: 'prod/db', request: '{}', change_id: null, result: null, seal: null } as const;
  await kysely
    .insertInto('operation_items')
    .values([0, 1].map((position) => ({ operation_id: id, position, status: 'applied' as const, ...item })))
    .execute();
  return id;
}

onEveryDatabase(t, async (t, { open }) => {
  const start = async (t: Parameters<typeof open>[0]) => {
    const database = await open(t);
    const purged: Record<string, number> = {};
    const run = createFinishedWorkPurger(
      database,
      () => new Date(NOW),
      (kind, count) => {
        purged[kind] = (purged[kind] ?? 0) + count;
      },
    );
    return { database, purged, run };
  };

  await t.test('operations go with their items, 90 days after they ended, and no others', async (t) => {
    const { database, purged, run } = await start(t);
    for (let n = 0; n < 12; n += 1) await addOperation(database, daysAgo(100 + n), daysAgo(91));
    const kept = [
      await addOperation(database, daysAgo(200), null),
      await addOperation(database, daysAgo(200), daysAgo(89)),
      await addOperation(database, daysAgo(1), daysAgo(1)),
    ];
    await run();
    const ids = async (table: 'operations' | 'operation_items', column: 'id' | 'operation_id') => {
      const rows = await database.kysely.selectFrom(table).select(database.kysely.dynamic.ref(column)).execute();
      return [...new Set(rows.flatMap((row) => Object.values(row).map(String)))].sort();
    };
    t.same(await ids('operations', 'id'), kept.toSorted());
    t.same(await ids('operation_items', 'operation_id'), kept.toSorted());
    t.same(purged, { operation: 12 });
    await run();
    t.same(purged, { operation: 12 }, 'and once is enough');
  });

  await t.test('so do approvals about which nothing is left to do', async (t) => {
    const { database, purged, run } = await start(t);
    const clock = () => daysAgo(95);
    const store = createApprovalStore({ database, clock });
    const row = { request: '{}', decision: null, problem: null, owner: null };
    const add = async (asked: Date, status: 'pending' | 'approved' | 'applied', lease_until: number | null = null) => {
      const id = uuidV7(asked);
      const expires_at = asked.getTime() + DAY;
      await database.kysely
        .insertInto('approvals')
        .values({ id, status, expires_at, lease_until, ...row })
        .execute();
      return id;
    };
    for (let n = 0; n < 130; n += 1) await add(daysAgo(95), 'applied');
    const kept = [
      await add(daysAgo(95), 'pending'),
      await add(daysAgo(95), 'approved'),
      await add(daysAgo(95), 'applied', 1),
      await add(daysAgo(90), 'applied'),
    ];
    await run();
    const { items } = await store.list({}, { limit: 1_000 });
    t.equal(items.length, kept.length);
    const rows = await database.kysely.selectFrom('approvals').select('id').execute();
    t.same(rows.map(({ id }) => id).sort(), kept.toSorted());
    t.same(purged, { approval: 130 });
  });

  await t.test('and when an orphan was first met; one that is met again begins anew', async (t) => {
    const { database, purged, run } = await start(t);
    const { noteOrphans } = createFollowUps(database);
    await noteOrphans('secret', ['old'], daysAgo(91));
    await noteOrphans('secret', ['young'], daysAgo(89));
    await run();
    t.same(purged, { orphan: 1 });
    const since = await noteOrphans('secret', ['old', 'young'], new Date(NOW));
    t.same(
      since,
      new Map([
        ['old', new Date(NOW)],
        ['young', daysAgo(89)],
      ]),
    );
  });
});

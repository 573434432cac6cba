import { sql } from 'kysely';
import {
  type BulkOperation,
  type ItemStatus,
  itemStatuses,
  type OperationItem,
  type OperationOrder,
  type OperationQueue,
  type OperationStore,
} from '../access/bulk/operation.ts';
import type { Clock } from '../clock.ts';
import { cutPage, fromCursor } from '../page.ts';
import type { Database } from './database.ts';
import { atTheEdge } from './errors.ts';
import { createLease } from './lease.ts';
import type { OperationItemRow, OperationRow } from './schema.ts';

/** Longer than a batch with all its patience (bulk-worker.ts). */
const LEASE_MS = 120_000;
/** Rows of one insert: PostgreSQL and SQLite bound the parameters of a statement. */
const INSERT_BATCH = 200;

export const createOperations = ({ kysely, kind }: Database, clock: Clock): OperationStore & OperationQueue => {
  const lease = createLease({ kind, clock, leaseMs: LEASE_MS });
  const now = () => clock().getTime();

  const countsOf = async (id: string): Promise<BulkOperation['counts']> => {
    const rows = await kysely
      .selectFrom('operation_items')
      .select(['status', sql<number>`count(*)`.as('count')])
      .where('operation_id', '=', id)
      .groupBy('status')
      .execute();
    const by = Object.fromEntries(itemStatuses.map((status) => [status, 0])) as Record<ItemStatus, number>;
    for (const { status, count } of rows) by[status as ItemStatus] = Number(count);
    return { total: Object.values(by).reduce((sum, count) => sum + count, 0), ...by };
  };

  return {
    create: (order, items) =>
      atTheEdge(() =>
        kysely.transaction().execute(async (trx) => {
          const { id, action, ...request } = order;
          const times = { created_at: now(), finished_at: null, owner: null, lease_until: 0 };
          await trx
            .insertInto('operations')
            .values({ id, action, status: 'running', request: JSON.stringify(request), ...times })
            .execute();
          const rows = items.map(({ secretId, request: asked }, position) => ({
            operation_id: id,
            position,
            status: 'pending',
            secret_id: secretId,
            request: JSON.stringify(asked),
            change_id: null,
            result: null,
          }));
          for (let start = 0; start < rows.length; start += INSERT_BATCH) {
            await trx
              .insertInto('operation_items')
              .values(rows.slice(start, start + INSERT_BATCH))
              .execute();
          }
        }),
      ),

    find: (id) =>
      atTheEdge(async () => {
        const row = await kysely.selectFrom('operations').selectAll().where('id', '=', id).executeTakeFirst();
        return row === undefined ? null : { ...toOperation(row), counts: await countsOf(id) };
      }),

    items: (id, { limit, cursor }) =>
      atTheEdge(async () => {
        const rows = await kysely
          .selectFrom('operation_items')
          .selectAll()
          .where('operation_id', '=', id)
          .where('position', '>', cursor === undefined ? -1 : fromCursor(cursor, readPosition))
          .orderBy('position')
          .limit(limit + 1)
          .execute();
        return cutPage(rows.map(toItem), limit, ({ position }) => String(position));
      }),

    cancel: (id) =>
      atTheEdge(async () => {
        const running = kysely.updateTable('operations').set({ status: 'cancelling' }).where('id', '=', id);
        await running.where('status', '=', 'running').execute();
      }),

    claim: () =>
      atTheEdge(async () => {
        const free = await kysely
          .selectFrom('operations')
          .selectAll()
          .where('status', 'in', ['running', 'cancelling'])
          .where(lease.isFree())
          .orderBy('lease_until')
          .limit(1)
          .executeTakeFirst();
        if (free === undefined) return null;
        const { numUpdatedRows } = await kysely
          .updateTable('operations')
          .set(lease.mine())
          .where('id', '=', free.id)
          // Once more, on the row as it is when its turn comes.
          .where(lease.isFree())
          .executeTakeFirst();
        return numUpdatedRows === 1n ? toOrder(free) : null;
      }),

    renew: (id) =>
      atTheEdge(async () => {
        const { numUpdatedRows } = await kysely
          .updateTable('operations')
          .set(lease.mine())
          .where('id', '=', id)
          .where('owner', '=', lease.owner)
          .where('status', '=', 'running')
          .executeTakeFirst();
        return { go: numUpdatedRows === 1n };
      }),

    next: (id, limit) =>
      atTheEdge(async () => {
        const rows = await kysely
          .selectFrom('operation_items')
          .selectAll()
          .where('operation_id', '=', id)
          .where('status', 'in', ['running', 'pending'])
          .orderBy('status', 'desc')
          .orderBy('position')
          .limit(limit)
          .execute();
        return rows.map(toItem);
      }),

    record: (id, position, { status, changeId, result }) =>
      atTheEdge(async () => {
        await kysely
          .updateTable('operation_items')
          .set({ status, change_id: changeId, result: result && JSON.stringify(result) })
          .where('operation_id', '=', id)
          .where('position', '=', position)
          .execute();
      }),

    finish: (id) =>
      atTheEdge(() =>
        kysely.transaction().execute(async (trx) => {
          const row = await trx.selectFrom('operations').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
          if (row.owner !== lease.owner) return;
          const cancelled = row.status === 'cancelling';
          const items = trx.updateTable('operation_items').set({ status: 'cancelled' }).where('operation_id', '=', id);
          if (cancelled) await items.where('status', '=', 'pending').execute();
          await trx
            .updateTable('operations')
            .set({ status: cancelled ? 'cancelled' : 'done', finished_at: now(), lease_until: 0 })
            .where('id', '=', id)
            .execute();
        }),
      ),
  };
};

const toOrder = ({ id, action, request }: OperationRow): OperationOrder => ({ id, action, ...JSON.parse(request) });

function toOperation(row: OperationRow) {
  const order = toOrder(row);
  const { id, action, dryRun, reason, ticket, requester } = order;
  return {
    ...{ id, action, dryRun, reason, ticket, requester },
    status: row.status as BulkOperation['status'],
    requestedBy: requester.identity.subject,
    createdAt: new Date(Number(row.created_at)).toISOString(),
    finishedAt: row.finished_at === null ? null : new Date(Number(row.finished_at)).toISOString(),
  };
}

const toItem = (row: OperationItemRow): OperationItem => ({
  position: row.position,
  secretId: row.secret_id,
  request: JSON.parse(row.request),
  status: row.status as ItemStatus,
  changeId: row.change_id,
  result: row.result === null ? null : JSON.parse(row.result),
});

const readPosition = (text: string): number | undefined => (/^\d{1,9}$/.test(text) ? Number(text) : undefined);

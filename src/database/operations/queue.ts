import type { OperationQueue } from '../../access/bulk/operation.ts';
import type { Clock } from '../../clock.ts';
import type { Database } from '../database.ts';
import { atTheEdge } from '../errors.ts';
import { createLease } from '../lease.ts';
import { toItem, toOrder } from './rows.ts';

/** Longer than a batch with all its patience (bulk-worker.ts). */
const LEASE_MS = 120_000;

export const createOperationQueue = ({ kysely, kind }: Database, clock: Clock): OperationQueue => {
  const lease = createLease({ kind, clock, leaseMs: LEASE_MS });

  return {
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

    record: (id, position, { status, result }) =>
      atTheEdge(async () => {
        await kysely
          .updateTable('operation_items')
          .set({ status, result: result && JSON.stringify(result) })
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
            .set({ status: cancelled ? 'cancelled' : 'done', finished_at: clock().getTime(), lease_until: 0 })
            .where('id', '=', id)
            .execute();
        }),
      ),

    refuse: (id, result) =>
      atTheEdge(() =>
        kysely.transaction().execute(async (trx) => {
          await trx
            .updateTable('operation_items')
            .set({ status: 'failed', result: JSON.stringify(result) })
            .where('operation_id', '=', id)
            .where('status', 'in', ['running', 'pending'])
            .execute();
          await trx
            .updateTable('operations')
            .set({ status: 'done', finished_at: clock().getTime(), lease_until: 0 })
            .where('id', '=', id)
            .execute();
        }),
      ),
  };
};

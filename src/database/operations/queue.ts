import { sql } from 'kysely';
import {
  bulkActions,
  type ClaimedItems,
  type ItemStatus,
  type OperationQueue,
  urgentActions,
} from '../../access/bulk/operation.ts';
import type { Clock } from '../../clock.ts';
import type { Database } from '../database.ts';
import { atTheEdge } from '../errors.ts';
import { createLease } from '../replicas/lease.ts';
import { toItem, toOrder } from './rows.ts';

/** It is renewed every second or so (bulk-worker.ts). */
const LEASE_MS = 30_000;
const TO_DO: ItemStatus[] = ['running', 'pending'];

export const createOperationQueue = ({ kysely, kind }: Database, clock: Clock): OperationQueue & ClaimedItems => {
  const lease = createLease({ kind, clock, leaseMs: LEASE_MS });

  return {
    claim: (limit, { ofOne, without, only }) =>
      atTheEdge(async () => {
        const left = kysely
          .selectFrom('operations')
          .select([
            'id',
            'lease_until',
            sql<number>`row_number() over (partition by requester order by lease_until, id)`.as('turn'),
          ])
          .where('status', 'in', ['running', 'cancelling'])
          .where(lease.isFree())
          .$if(without.length > 0, (some) =>
            some.where((eb) => eb.or([eb('requester', 'is', null), eb('requester', 'not in', without)])),
          )
          // What a newer version began, and only that can do, is left to it.
          .where('action', 'in', bulkActions)
          .$if(only !== undefined, (some) => some.where('action', only === 'urgent' ? 'in' : 'not in', urgentActions))
          .as('left');
        const rows = await kysely
          .updateTable('operations')
          .set(lease.mine())
          .where('id', 'in', (query) =>
            query
              .selectFrom(left)
              .select('left.id')
              .where('turn', '<=', ofOne)
              .orderBy('lease_until')
              .orderBy('turn')
              .limit(limit),
          )
          // Once more, on the row as it is when its turn comes.
          .where(lease.isFree())
          .returningAll()
          .execute();
        return rows.map(toOrder);
      }),

    renew: (ids) =>
      atTheEdge(async () => {
        const rows = await kysely
          .updateTable('operations')
          .set(lease.mine())
          .where('id', 'in', ids)
          .where('owner', '=', lease.owner)
          .where('status', '=', 'running')
          .returning('id')
          .execute();
        return new Set(rows.map(({ id }) => id));
      }),

    next: (id) =>
      atTheEdge(async () => {
        const rows = await kysely
          .selectFrom('operation_items')
          .selectAll()
          .where('operation_id', '=', id)
          .where('status', 'in', TO_DO)
          .orderBy('position')
          .execute();
        return rows.map(toItem);
      }),

    release: (id) =>
      atTheEdge(async () => {
        await kysely
          .updateTable('operations')
          .set({ lease_until: 0 })
          .where('id', '=', id)
          .where('owner', '=', lease.owner)
          .execute();
      }),

    record: (id, position, { status, result, statusSeal = null }) =>
      atTheEdge(async () => {
        await kysely
          .updateTable('operation_items')
          .set({ status, result: result && JSON.stringify(result), status_seal: statusSeal })
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
          const left = trx.selectFrom('operation_items').select('position').where('operation_id', '=', id);
          if (!cancelled && (await left.where('status', 'in', TO_DO).limit(1).executeTakeFirst()) !== undefined) {
            await trx.updateTable('operations').set({ lease_until: 0 }).where('id', '=', id).execute();
            return;
          }
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
            .where('status', 'in', TO_DO)
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

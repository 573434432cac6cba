import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Transaction } from 'kysely';
import type { Clock } from '../clock.ts';
import { uuidV7 } from '../uuid.ts';
import type { Database } from './database.ts';
import { atTheEdge } from './errors.ts';
import type { Schema } from './schema.ts';

/** How long bulk operations, but for those of incidents, and approvals are shown after they have ended. The audit log has what they did for as long as it is kept. */
const KEPT_MS = 90 * 86_400_000;
/** Deleted in one transaction: an operation has up to 1,000 items, and SQLite answers on the thread that everybody shares. */
const OPERATIONS_AT_ONCE = 5;
const APPROVALS_AT_ONCE = 100;
/** Of one run, so that whoever stops the service does not wait for it. */
const MOST_BATCHES = 20;

type FinishedWork = 'operation' | 'approval' | 'orphan';
type Purge = (trx: Transaction<Schema>, before: Date) => Promise<number>;

/** Ids, but those of orphans, begin with the time of their request: those before are the first of the primary key, whatever comes after. */
const purges: Record<FinishedWork, { atOnce: number; purge: Purge }> = {
  operation: {
    atOnce: OPERATIONS_AT_ONCE,
    async purge(trx, before) {
      const rows = await trx
        .selectFrom('operations')
        .select('id')
        .where('id', '<', uuidV7(before))
        .where('finished_at', '<=', before.getTime())
        // They may still stand.
        .where('incident', 'is', null)
        .orderBy('id')
        .limit(OPERATIONS_AT_ONCE)
        .execute();
      const ids = rows.map(({ id }) => id);
      if (ids.length === 0) return 0;
      await trx.deleteFrom('operation_items').where('operation_id', 'in', ids).execute();
      await trx.deleteFrom('operations').where('id', 'in', ids).execute();
      return ids.length;
    },
  },
  approval: {
    atOnce: APPROVALS_AT_ONCE,
    async purge(trx, before) {
      const ended = trx
        .selectFrom('approvals')
        .select('id')
        .where('id', '<', uuidV7(before))
        .where('expires_at', '<=', before.getTime())
        .where('status', 'not in', ['pending', 'approved'])
        // Nothing is left to do about it.
        .where('lease_until', 'is', null)
        .orderBy('id')
        .limit(APPROVALS_AT_ONCE);
      const { numDeletedRows } = await trx.deleteFrom('approvals').where('id', 'in', ended).executeTakeFirst();
      return Number(numDeletedRows);
    },
  },
  /** Since when a principal is gone counts for minutes: one that is met again begins anew. */
  orphan: {
    atOnce: Number.POSITIVE_INFINITY,
    async purge(trx, before) {
      const old = trx.deleteFrom('orphans').where('first_seen', '<=', before.getTime());
      return Number((await old.executeTakeFirst()).numDeletedRows);
    },
  },
};

/**
 * Deletes bulk operations with their items, and approvals, 90 days after they ended, and orphans 90 days after they were met.
 * @param onPurged called with how many
 * @returns a run: 100 operations and 2,000 approvals at most, and all orphans. @throws DomainError audit-unavailable
 */
export const createFinishedWorkPurger =
  ({ kysely }: Database, clock: Clock, onPurged: (kind: FinishedWork, count: number) => void) =>
  async (): Promise<void> => {
    const before = new Date(clock().getTime() - KEPT_MS);
    for (const kind of ['operation', 'approval', 'orphan'] as const) {
      const { atOnce, purge } = purges[kind];
      for (let batch = 0, count = atOnce; batch < MOST_BATCHES && count === atOnce; batch += 1) {
        count = await atTheEdge(() => kysely.transaction().execute((trx) => purge(trx, before)));
        if (count > 0) onPurged(kind, count);
        await nextTurn();
      }
    }
  };

import { setImmediate as nextTurn } from 'node:timers/promises';
import type { AskedOperation, OperationStore } from '../../access/bulk/operation.ts';
import type { OperationStates } from '../../access/bulk/watch-operations.ts';
import { callerKey } from '../../access/identity.ts';
import type { Clock } from '../../clock.ts';
import { cutPage, fromCursor } from '../../page.ts';
import { readUuid } from '../../uuid.ts';
import type { Database } from '../database.ts';
import { atTheEdge } from '../errors.ts';
import type { OperationRow } from '../schema.ts';
import { countingItems } from './counts.ts';
import { toItem, toOrder } from './rows.ts';

/** Rows of one insert: PostgreSQL and SQLite bound the parameters of a statement. */
const INSERT_BATCH = 200;
/** Operations of 1,000 items each that are counted at once: 10 ms of SQLite, which answers on this thread. */
const COUNT_BATCH = 100;

export const createOperationStore = ({ kysely }: Database, clock: Clock): OperationStore & OperationStates => {
  async function withCounts(rows: readonly OperationRow[]): Promise<AskedOperation[]> {
    const counted: AskedOperation[] = [];
    for (let start = 0; start < rows.length; start += COUNT_BATCH) {
      if (start > 0) await nextTurn();
      counted.push(...(await atTheEdge(() => count(rows.slice(start, start + COUNT_BATCH)))));
    }
    return counted;
  }

  async function findAll(ids: readonly string[]): Promise<AskedOperation[]> {
    if (ids.length === 0) return [];
    const rows = kysely.selectFrom('operations').selectAll().where('id', 'in', ids);
    return withCounts(await atTheEdge(() => rows.execute()));
  }

  const count = countingItems({ kysely });

  return {
    create: (order, items) =>
      atTheEdge(() =>
        kysely.transaction().execute(async (trx) => {
          const { id, action, ...request } = order;
          const requester = callerKey(order.requester.identity);
          const times = { created_at: clock().getTime(), finished_at: null, owner: null, lease_until: 0 };
          await trx
            .insertInto('operations')
            .values({
              ...{ id, action, status: 'running', requester, request: JSON.stringify(request) },
              ...{ ...times, incident: order.incident?.id ?? null },
            })
            .execute();
          const rows = items.map(({ secretId, request: asked, changeId, seal, problem }, position) => ({
            operation_id: id,
            position,
            status: problem === undefined ? ('pending' as const) : ('failed' as const),
            secret_id: secretId,
            request: JSON.stringify(asked),
            change_id: changeId,
            result: problem === undefined ? null : JSON.stringify({ problem }),
            seal,
            status_seal: null,
          }));
          for (let start = 0; start < rows.length; start += INSERT_BATCH) {
            await trx
              .insertInto('operation_items')
              .values(rows.slice(start, start + INSERT_BATCH))
              .execute();
          }
        }),
      ),

    async find(id) {
      const [found = null] = await findAll([id]);
      return found;
    },

    findAll,

    async list(of, { limit, cursor }, only) {
      const key = of && callerKey(of);
      const before = cursor === undefined ? undefined : fromCursor(cursor, readUuid);
      let query = kysely.selectFrom('operations').selectAll();
      if (key !== null) query = query.where((eb) => eb.or([eb('requester', '=', key), eb('requester', 'is', null)]));
      if (only === 'open') query = query.where('finished_at', 'is', null);
      if (before !== undefined) query = query.where('id', '<', before);
      const newest = query.orderBy('id', 'desc').limit(limit + 1);
      const page = cutPage(await atTheEdge(() => newest.execute()), limit, ({ id }) => id);
      const rows = key === null ? page.items : page.items.filter((row) => keyOf(row) === key);
      return { items: await withCounts(rows), nextCursor: page.nextCursor };
    },

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
  };
};

const keyOf = (row: OperationRow): string => row.requester ?? callerKey(toOrder(row).requester.identity);

const readPosition = (text: string): number | undefined => (/^\d{1,9}$/.test(text) ? Number(text) : undefined);

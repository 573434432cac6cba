import { sql } from 'kysely';
import { type AskedOperation, type ItemStatus, itemStatuses } from '../../access/bulk/operation.ts';
import type { Database } from '../database.ts';
import type { OperationRow } from '../schema.ts';
import { toOperation } from './rows.ts';

/** Operations with how many of their items are how far. */
export const countingItems =
  ({ kysely }: Pick<Database, 'kysely'>) =>
  async (rows: readonly OperationRow[]): Promise<AskedOperation[]> => {
    const ids = rows.map(({ id }) => id);
    const counts = await kysely
      .selectFrom('operation_items')
      .select(['operation_id', 'status', sql<number>`count(*)`.as('count')])
      .where('operation_id', 'in', ids)
      .groupBy(['operation_id', 'status'])
      .execute();
    const ofOperation = Map.groupBy(counts, ({ operation_id }) => operation_id);
    return rows.map((row) => ({ ...toOperation(row), counts: countsOf(ofOperation.get(row.id) ?? []) }));
  };

function countsOf(rows: readonly { status: string; count: number }[]): AskedOperation['counts'] {
  const countOf = (status: ItemStatus) => Number(rows.find((row) => row.status === status)?.count ?? 0);
  const by = Object.fromEntries(itemStatuses.map((status) => [status, countOf(status)])) as Record<ItemStatus, number>;
  return { total: Object.values(by).reduce((sum, count) => sum + count, 0), ...by };
}

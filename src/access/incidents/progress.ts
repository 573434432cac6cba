import type { Page } from '../../page.ts';
import type { AskedOperation, BulkOperation, OperationStore, StoredItem } from '../bulk/operation.ts';
import type { ChangeEnds } from '../stored/change-ends.ts';

type Items = Pick<OperationStore, 'items'>;
type Counts = BulkOperation['counts'];

const AT_ONCE = 1_000;

export async function* itemsOf(operations: Items, id: string): AsyncGenerator<StoredItem> {
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const page: Page<StoredItem> = await operations.items(id, { limit: AT_ONCE, cursor });
    yield* page.items;
    cursor = page.nextCursor;
  }
}

export const isDone = (status: StoredItem['status']): boolean => status === 'applied' || status === 'unchanged';

/** How an item that waited for a second person ended since, by the journal; itself while it waits. */
export async function settledItem(item: StoredItem, ended: ChangeEnds): Promise<StoredItem> {
  if (item.status !== 'awaitingApproval') return item;
  const end = await ended(item.changeId);
  if (end === null) return item;
  const { outcome, error } = end;
  const isMade = !DECIDES_AGAINST.includes(end.action);
  if (isMade && (outcome === 'applied' || outcome === 'unchanged')) return { ...item, status: outcome, result: {} };
  const problem = { code: error?.code ?? 'approval-closed', detail: error?.message ?? 'Nobody approved it.' };
  return { ...item, status: 'failed', result: { problem } };
}
const DECIDES_AGAINST = ['reject', 'expireApproval'];

/** The counts of an operation, with what became of those that waited for a second person. */
export async function settledCounts(
  { id, counts }: Pick<AskedOperation, 'id' | 'counts'>,
  { operations, ended }: { operations: Items; ended: ChangeEnds },
): Promise<Counts> {
  if (counts.awaitingApproval === 0) return counts;
  const settled = { ...counts };
  for await (const item of itemsOf(operations, id)) {
    if (item.status !== 'awaitingApproval') continue;
    settled.awaitingApproval -= 1;
    settled[(await settledItem(item, ended)).status] += 1;
  }
  return settled;
}

export const isLifted = ({ total, applied, unchanged }: Counts): boolean => applied + unchanged === total;

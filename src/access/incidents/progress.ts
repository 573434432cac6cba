import type { Page } from '../../page.ts';
import type { AskedOperation, BulkOperation, OperationStore, StoredItem } from '../bulk/operation.ts';
import type { ChangeEnds } from '../stored/change-ends.ts';
import type { IsGone } from './gone.ts';

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

/**
 * How a lift ended: `lifted` where nothing is left of it, the rest of its secrets being gone, and what was denied there with
 * them; null where it has not, or a second person may still approve some of it.
 */
export async function endOfLift(
  { id, counts, finishedAt }: Pick<AskedOperation, 'id' | 'counts' | 'finishedAt'>,
  { operations, ended, isGone }: { operations: Items; ended: ChangeEnds; isGone: IsGone },
): Promise<'lifted' | 'partlyLifted' | null> {
  if (finishedAt === null) return null;
  if (counts.applied + counts.unchanged === counts.total) return 'lifted';
  let isWhole = true;
  for await (const item of itemsOf(operations, id)) {
    const settled = await settledItem(item, ended);
    if (settled.status === 'awaitingApproval') return null;
    isWhole &&= isDone(settled.status) || (await wentWith(settled, isGone));
    if (!isWhole && counts.awaitingApproval === 0) break;
  }
  return isWhole ? 'lifted' : 'partlyLifted';
}

/** What is told of a secret that is gone, and also of one that a caller may not know of: so AWS is asked as well. */
const wentWith = async ({ secretId, result }: StoredItem, isGone: IsGone): Promise<boolean> =>
  ['secret-not-found', 'secret-pending-deletion'].includes(result?.problem?.code ?? '') && isGone(secretId);

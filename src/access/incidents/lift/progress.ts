import type { Page } from '../../../page.ts';
import type {
  AskedOperation,
  BulkOperation,
  OperationOrder,
  OperationStore,
  StoredItem,
} from '../../bulk/operation.ts';
import type { ChangeEnds } from '../../stored/change-ends.ts';
import type { IncidentTrust } from '../trust.ts';
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
 * them; null where a second person may still approve some of it. @param order of one that has ended
 */
export async function endOfLift(order: OperationOrder, deps: LiftEnds): Promise<'lifted' | 'partlyLifted' | null> {
  const { operations, ended, trust } = deps;
  let isWhole = true;
  const about = new Set<unknown>();
  for await (const item of itemsOf(operations, order.id)) {
    about.add(item.request['changeId']);
    const settled = await settledItem(item, ended);
    if (settled.status === 'awaitingApproval') return null;
    isWhole &&= await isOver(order, item, deps, settled);
  }
  return isWhole && trust.missing(order, about.size) === 0 ? 'lifted' : 'partlyLifted';
}

/** Whether a lift left nothing at this item, or there is nothing any more. */
export const isOver = async (
  order: OperationOrder,
  item: StoredItem,
  { ended, isGone, trust }: LiftEnds,
  settled?: StoredItem,
): Promise<boolean> => {
  const { status, result } = settled ?? (await settledItem(item, ended));
  if (isDone(status)) return trust.isTrue(order, item);
  // This is told of a secret that is gone, and also of one that a caller may not know of: so AWS is asked as well.
  if (!GONE.includes(result?.problem?.code ?? '')) return false;
  const secretId = await trust.secretOf(order, item);
  return secretId !== null && isGone(secretId);
};
const GONE = ['secret-not-found', 'secret-pending-deletion'];

type LiftEnds = {
  operations: Items;
  ended: ChangeEnds;
  isGone: IsGone;
  trust: Pick<IncidentTrust, 'isTrue' | 'secretOf' | 'missing'>;
};

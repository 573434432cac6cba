import type { ChangeEvents } from '../recover/change-events.ts';
import type { CommandSeal } from '../stored/command-seal.ts';
import { type StoredRefuser, unauthentic } from '../stored/refuse-stored.ts';
import type {
  AskedItem,
  ClaimedItems,
  ItemResult,
  OperationOrder,
  OperationQueue,
  OperationStore,
  StoredItem,
} from './operation.ts';

/** What the seal of an operation, and that of an item, speak of. */
const saidOf = ({ seal: _, ...said }: Omit<OperationOrder, 'seal'> & { seal?: string }) => [
  ...[said.id, said.action, said.dryRun, said.reason, said.ticket, said.requester, said.notAfter],
  ...(said.incident === undefined ? [] : [said.incident]),
];
const saidOfItem = (id: string, { position, changeId, secretId, request }: Sealable) => [
  ...[id, position, changeId, secretId, request],
];
type Sealable = Pick<StoredItem, 'position' | 'changeId' | 'secretId' | 'request'>;

/** @returns the operation and its items as they are to be stored */
export function sealOperation(
  seal: CommandSeal,
  order: Omit<OperationOrder, 'seal'>,
  items: readonly Omit<AskedItem, 'seal'>[],
) {
  return {
    order: { ...order, seal: seal.of('operation', saidOf(order)) },
    items: items.map((item, position) => ({
      ...item,
      seal: seal.of('operationItem', saidOfItem(order.id, { position, ...item })),
    })),
  };
}

export const isSealedOrder = (seal: CommandSeal, order: OperationOrder): boolean =>
  seal.holds('operation', saidOf(order), order.seal);

export const isSealedItem = (seal: CommandSeal, id: string, item: StoredItem): boolean =>
  seal.holds('operationItem', saidOfItem(id, item), item.seal);

const saidOfStatus = (id: string, { position, status }: Pick<StoredItem, 'position' | 'status'>) => [
  id,
  position,
  status,
];
export const isSealedStatus = (seal: CommandSeal, id: string, item: StoredItem): boolean =>
  seal.holds('itemStatus', saidOfStatus(id, item), item.statusSeal);

/**
 * The queue without what nobody of this service put in it: who can write the database must not make the service act.
 * Operations and items without their seal are put on record as refused, and end. What its caller has cancelled stays so.
 */
export function trustSealed(
  queue: OperationQueue & ClaimedItems,
  deps: {
    seal: CommandSeal;
    refused: StoredRefuser;
    events: Pick<ChangeEvents, 'eventsOfChange'>;
    store: Pick<OperationStore, 'cancel'>;
  },
): OperationQueue & ClaimedItems {
  const { seal, refused } = deps;

  async function claim(...asked: Parameters<OperationQueue['claim']>): Promise<OperationOrder[]> {
    const orders = await queue.claim(...asked);
    for (const { id } of orders.filter((order) => !isOurs(order))) {
      await refused({ kind: 'operation', id });
      await queue.refuse(id, REFUSED);
    }
    const ours = orders.filter(isOurs);
    for (const { id } of ours) if (await wasCancelled(id)) await deps.store.cancel(id);
    return ours;
  }

  /** By the audit log: the status is only the database’s word. */
  const wasCancelled = async (id: string): Promise<boolean> =>
    (await deps.events.eventsOfChange(id)).some(
      ({ action, outcome }) => action === 'cancelOperation' && outcome === 'applied',
    );

  /** The service’s own identity is never taken from what was stored. */
  const isOurs = (order: OperationOrder): boolean =>
    isSealedOrder(seal, order) && order.requester.identity.method !== 'system';

  async function next(id: string): Promise<StoredItem[]> {
    const items = await queue.next(id);
    const ours = items.filter((item) => isSealedItem(seal, id, item));
    for (const item of items.filter((each) => !ours.includes(each))) {
      await refused({ kind: 'operationItem', id: `${id}/${item.position}`, secretId: item.secretId });
      await queue.record(id, item.position, { status: 'failed', result: REFUSED });
    }
    return ours;
  }

  const record: ClaimedItems['record'] = (id, position, item) =>
    queue.record(id, position, { ...item, statusSeal: seal.of('itemStatus', saidOfStatus(id, { position, ...item })) });

  return { ...queue, claim, next, record };
}

const { code, message } = unauthentic();
const REFUSED: ItemResult = { problem: { code, detail: message } };

import { callerKey } from '../identity.ts';
import { placeOf } from '../write/each-place.ts';
import type { OperationItem, OperationOrder } from './operation.ts';

/**
 * The items of one operation that wait for their turn, in the order of the request; but where one account and Region takes
 * all of the operation's places, those of others go before its next.
 */
export type Line = {
  readonly order: OperationOrder;
  /** Who asked for it (`callerKey`). */
  readonly caller: string;
  /** The item that is to begin next; undefined when none may. @param share how many may be under way at once */
  next(share: number): OperationItem | undefined;
  ended(item: OperationItem): void;
  /** Nothing more of it is begun, by this process. */
  halt(): void;
  /** Nothing more of it is begun, by anybody. */
  cancel(): void;
  /** Nothing is under way, and nothing more is to begin. */
  isOver(): boolean;
  /** As against halted: there is nothing left for others. */
  isDone(): boolean;
};

export function createLine(order: OperationOrder, items: readonly OperationItem[]): Line {
  const waiting = new Set(items);
  const underWay = new Map<string, number>();
  let halted = false;
  const places = () => [...underWay.values()].reduce((sum, count) => sum + count, 0);

  return {
    order,
    caller: callerKey(order.requester.identity),
    next(share) {
      if (halted || places() >= share) return undefined;
      const most = Math.max(1, Math.ceil(share / 2));
      for (const item of waiting) {
        const count = underWay.get(placeOf(item.secretId)) ?? 0;
        if (count >= most) continue;
        underWay.set(placeOf(item.secretId), count + 1);
        waiting.delete(item);
        return item;
      }
      return undefined;
    },
    ended(item) {
      const count = (underWay.get(placeOf(item.secretId)) ?? 0) - 1;
      if (count > 0) underWay.set(placeOf(item.secretId), count);
      else underWay.delete(placeOf(item.secretId));
    },
    halt() {
      halted = true;
    },
    cancel() {
      waiting.clear();
    },
    isOver: () => underWay.size === 0 && (halted || waiting.size === 0),
    isDone: () => !halted && waiting.size === 0,
  };
}

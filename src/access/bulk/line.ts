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
  /** By account and Region, the next of each last. */
  const waiting = Map.groupBy(items.toReversed(), ({ secretId }) => placeOf(secretId));
  const underWay = new Map<string, number>();
  let halted = false;
  const places = () => [...underWay.values()].reduce((sum, count) => sum + count, 0);

  return {
    order,
    caller: callerKey(order.requester.identity),
    next(share) {
      if (halted || places() >= share) return undefined;
      const most = Math.max(1, Math.ceil(share / 2));
      const open = [...waiting].filter(([place]) => (underWay.get(place) ?? 0) < most);
      const [first, ...others] = open.map(([, some]) => some);
      if (first === undefined) return undefined;
      const next = others.reduce((one, other) => (positionOf(other) < positionOf(one) ? other : one), first);
      const item = next.pop();
      if (item === undefined) return undefined;
      const place = placeOf(item.secretId);
      underWay.set(place, (underWay.get(place) ?? 0) + 1);
      if (next.length === 0) waiting.delete(place);
      return item;
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

const positionOf = (some: readonly OperationItem[]): number => some.at(-1)?.position ?? 0;

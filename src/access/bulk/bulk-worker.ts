import { createItemRunner, type ItemPorts } from './bulk-item.ts';
import { createLine, type Line } from './line.ts';
import {
  type ClaimedItems,
  isUrgent,
  type OperationItem,
  type OperationOrder,
  type OperationQueue,
} from './operation.ts';

/** Operations of a kind that one process works on at once, and of one caller: their items are in memory. */
const OPERATIONS_AT_ONCE = 40;
const OF_ONE_CALLER = 10;
/**
 * Items under way at once, each caller's as many: those of one secret share a cycle, and the pace per account holds the quota. Who
 * comes later gets its part although those before still have theirs, so for a while it may be some times as many.
 */
const ITEMS_AT_ONCE = 100;

type BulkWorker = {
  /** Takes operations up that nobody works on, and keeps the leases of its own; to be called every second. */
  run(): Promise<void>;
  /** Begins nothing more. Resolves when what is under way has ended, and what is left is another process's to take up. */
  stop(): Promise<void>;
};

/** Carries operations out, item by item (bulk-item.ts). They take turns, so that one whose secrets are slow holds up none of the others. */
export function createBulkWorker(
  deps: ItemPorts & {
    queue: OperationQueue & ClaimedItems;
    /** The operation is taken up again later. */
    onFailure(operationId: string, error: unknown): void;
  },
): BulkWorker {
  const { queue } = deps;
  const doItem = createItemRunner(deps);
  const stopping = new AbortController();
  /** The one whose turn it is first. */
  const lines = new Map<string, Line>();
  const running = new Set<Promise<void>>();

  function fillUp(): void {
    for (let begun = true; begun; ) {
      begun = false;
      for (const [id, line] of inTurn()) {
        const item = stopping.signal.aborted ? undefined : line.next(shareOf(line));
        if (item === undefined) continue;
        begun = true;
        lines.delete(id);
        lines.set(id, line);
        begin(line, item);
      }
    }
  }

  /** Urgent ones first; and each kind has places of its own, so that none takes those of the other. */
  const inTurn = () =>
    [...lines].sort(([, one], [, other]) => Number(isUrgent(other.order)) - Number(isUrgent(one.order)));

  const linesOf = (urgent: boolean): Line[] => [...lines.values()].filter(({ order }) => isUrgent(order) === urgent);

  /** As much for each caller, and of that as much for each of its operations: of the same kind. */
  function shareOf({ order, caller }: Line): number {
    const ofCallers = Map.groupBy(linesOf(isUrgent(order)), (line) => line.caller);
    const ofThis = ofCallers.get(caller)?.length ?? 1;
    return Math.max(1, Math.floor(ITEMS_AT_ONCE / ofCallers.size / ofThis));
  }

  const busyCallers = (some: readonly Line[]): string[] =>
    [...Map.groupBy(some, (line) => line.caller)].flatMap(([caller, of]) =>
      of.length < OF_ONE_CALLER ? [] : [caller],
    );

  async function claim(kind: 'urgent' | 'others'): Promise<OperationOrder[]> {
    const known = linesOf(kind === 'urgent');
    const room = OPERATIONS_AT_ONCE - known.length;
    const fair = { ofOne: OF_ONE_CALLER, without: busyCallers(known), only: kind };
    return room > 0 ? queue.claim(room, fair) : [];
  }

  function begin(line: Line, item: OperationItem): void {
    const work = doItem(line.order, item, stopping.signal)
      .catch((error) => {
        line.halt();
        deps.onFailure(line.order.id, error);
      })
      .then(async () => {
        line.ended(item);
        if (line.isOver()) await leave(line);
        running.delete(work);
        fillUp();
      });
    running.add(work);
  }

  async function leave({ order: { id }, isDone }: Line): Promise<void> {
    lines.delete(id);
    await (isDone() ? queue.finish(id) : queue.release(id)).catch((error) => deps.onFailure(id, error));
  }

  async function leaveAll(): Promise<void> {
    for (const line of [...lines.values()]) {
      line.halt();
      if (line.isOver()) await leave(line);
    }
    while (running.size > 0) await Promise.all(running);
  }

  return {
    async run() {
      const taken = [...(await claim('urgent')), ...(await claim('others'))];
      if (lines.size + taken.length === 0) return;
      const kept = await queue.renew([...lines.keys(), ...taken.map(({ id }) => id)]);
      for (const [id, line] of [...lines]) {
        if (kept.has(id)) continue;
        line.cancel();
        if (line.isOver()) await leave(line);
      }
      for (const order of taken) {
        // Its lease ran out while the database was away, and it goes on: its items are begun once.
        if (lines.has(order.id)) continue;
        const line = createLine(order, kept.has(order.id) ? await queue.next(order.id) : []);
        if (line.isOver()) await leave(line);
        else lines.set(order.id, line);
      }
      fillUp();
      if (stopping.signal.aborted) await leaveAll();
    },
    async stop() {
      stopping.abort();
      await leaveAll();
    },
  };
}

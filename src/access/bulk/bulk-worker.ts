import { DomainError } from '../../problems/problem.ts';
import { isPassing } from '../../problems/table.ts';
import type { AnswerResumer, Changer } from '../approvals/request-change.ts';
import type { CommandBuilder, CommandRequest } from '../commands/command-registry.ts';
import type { ItemResult, OperationItem, OperationOrder, OperationQueue } from './operation.ts';

/** Items under way at once: those of one secret share a cycle, and the pace per account holds the quota. */
const ITEMS_AT_ONCE = 50;
/** Between tries. */
const PATIENCE_MS = [1_000, 2_000, 4_000, 8_000, 15_000];

type Recorded = Pick<OperationItem, 'status' | 'changeId' | 'result'>;

/**
 * Carries operations out, item by item, each a change like any other: guardrails, audit log, approvals. Each item's
 * change id is on disk before the change is asked for, so that what a dead process left running is found out about, not
 * done twice.
 */
export function createBulkWorker(deps: {
  queue: OperationQueue;
  changer: Changer;
  build: CommandBuilder;
  resume: AnswerResumer;
  newChangeId(): string;
  sleep(ms: number): Promise<void>;
}): { run(): Promise<number>; stop(): void } {
  const { queue, newChangeId } = deps;
  let stopping = false;

  async function work(order: OperationOrder): Promise<void> {
    while (!stopping && (await queue.renew(order.id)).go) {
      const items = await queue.next(order.id, ITEMS_AT_ONCE);
      if (items.length === 0) return queue.finish(order.id);
      await Promise.all(items.map((item) => doItem(order, item)));
    }
    // Stopped: the lease runs out, and the rest is another's. Cancelled: it ends here.
    if (!stopping) await queue.finish(order.id);
  }

  async function doItem(order: OperationOrder, item: OperationItem): Promise<void> {
    const finished = item.changeId === null ? null : await deps.resume(item.changeId);
    const recorded = finished === null ? await carryOut(order, item) : read(finished);
    await queue.record(order.id, item.position, recorded);
  }

  /** What passes by itself is tried again; but a try may have made its change, and only the answer was lost. */
  async function carryOut(order: OperationOrder, item: OperationItem): Promise<Recorded> {
    let changeId: string | null = null;
    for (const wait of [...PATIENCE_MS, null]) {
      try {
        const made = changeId === null ? null : await deps.resume(changeId);
        if (made !== null) return read(made);
        changeId = newChangeId();
        await queue.record(order.id, item.position, { status: 'running', changeId, result: null });
        return read(await deps.changer.change(await deps.build(askedOf(order, item, changeId))));
      } catch (error) {
        if (!(error instanceof DomainError)) throw error;
        if (wait === null || stopping || !isPassing(error.code)) {
          return { status: 'failed', changeId, result: { problem: { code: error.code, detail: error.message } } };
        }
        await deps.sleep(wait);
      }
    }
    throw new Error('An item was left without a result.');
  }

  return {
    async run() {
      let done = 0;
      for (let order = await queue.claim(); order !== null && !stopping; order = await queue.claim()) {
        await work(order);
        done += 1;
      }
      return done;
    },
    stop() {
      stopping = true;
    },
  };
}

const askedOf = (
  { requester, action, reason, ticket, dryRun }: OperationOrder,
  { secretId, request }: OperationItem,
  changeId: string,
): CommandRequest => ({
  ...{ changeId, requester, action, secretId, request, reason, ticket, dryRun },
  ...{ ifMatch: null, ifNoneMatch: false },
});

function read(answer: Awaited<ReturnType<Changer['change']>>): Recorded {
  if ('approvalId' in answer) {
    const { approvalId } = answer;
    return { status: 'awaitingApproval', changeId: approvalId, result: { approvalId } };
  }
  const entry = answer.share ?? answer.denial ?? answer.restriction;
  const result: ItemResult = entry === undefined ? {} : { entryId: entry.id };
  return { status: answer.changed ? 'applied' : 'unchanged', changeId: answer.changeId, result };
}

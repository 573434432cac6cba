import type { Clock } from '../../clock.ts';
import { DomainError } from '../../problems/problem.ts';
import { isPassing } from '../../problems/table.ts';
import type { AnswerResumer, Changer } from '../approvals/request-change.ts';
import type { CommandBuilder, CommandRequest } from '../commands/command-registry.ts';
import { type ChangeEnds, overdue, ranBefore } from '../stored/change-ends.ts';
import type { ItemResult, OperationItem, OperationOrder, OperationQueue } from './operation.ts';

/** Items under way at once: those of one secret share a cycle, and the pace per account holds the quota. */
const ITEMS_AT_ONCE = 50;
/** Between tries. */
const PATIENCE_MS = [1_000, 2_000, 4_000, 8_000, 15_000];

type Recorded = Pick<OperationItem, 'status' | 'result'>;

/**
 * Carries operations out, item by item, each a change like any other: guardrails, audit log, approvals. Each item has one
 * change id, whatever becomes of it: what the audit log has of that is found out about, and not done twice.
 */
export function createBulkWorker(deps: {
  queue: OperationQueue;
  changer: Changer;
  build: CommandBuilder;
  resume: AnswerResumer;
  ended: ChangeEnds;
  clock: Clock;
  sleep(ms: number): Promise<void>;
}): { run(): Promise<number>; stop(): void } {
  const { queue } = deps;
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
    const recorded = (await found(item)) ?? (await carryOut(order, item));
    await queue.record(order.id, item.position, recorded);
  }

  /** What became of an item already. */
  async function found({ changeId }: OperationItem): Promise<Recorded | null> {
    const made = await deps.resume(changeId);
    if (made !== null) return read(made);
    const end = await deps.ended(changeId);
    if (end === null) return null;
    return end.outcome === 'unchanged' ? { status: 'unchanged', result: {} } : failed(ranBefore(end));
  }

  /** What passes by itself is tried again; but a try may have made its change, and only the answer was lost. */
  async function carryOut(order: OperationOrder, item: OperationItem): Promise<Recorded> {
    await queue.record(order.id, item.position, { status: 'running', result: null });
    for (const [tries, wait] of [...PATIENCE_MS, null].entries()) {
      try {
        const made = tries === 0 ? null : await deps.resume(item.changeId);
        if (made !== null) return read(made);
        if (deps.clock() > new Date(order.notAfter)) return failed(overdue(order.notAfter));
        return read(await deps.changer.change(await deps.build(askedOf(order, item))));
      } catch (error) {
        if (!(error instanceof DomainError)) throw error;
        if (wait === null || stopping || !isPassing(error.code)) return failed(error);
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

const failed = ({ code, message }: DomainError): Recorded => ({
  status: 'failed',
  result: { problem: { code, detail: message } },
});

const askedOf = (
  { requester, action, reason, ticket, dryRun }: OperationOrder,
  { changeId, secretId, request }: OperationItem,
): CommandRequest => ({
  ...{ changeId, requester, action, secretId, request, reason, ticket, dryRun },
  ...{ ifMatch: null, ifNoneMatch: false },
});

function read(answer: Awaited<ReturnType<Changer['change']>>): Recorded {
  if ('approvalId' in answer) return { status: 'awaitingApproval', result: { approvalId: answer.approvalId } };
  const entry = answer.share ?? answer.denial ?? answer.restriction;
  const result: ItemResult = entry === undefined ? {} : { entryId: entry.id };
  return { status: answer.changed ? 'applied' : 'unchanged', result };
}

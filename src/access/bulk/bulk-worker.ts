import type { Clock } from '../../clock.ts';
import { passes, patiently } from '../../patience.ts';
import { DomainError } from '../../problems/problem.ts';
import type { AnswerResumer, Changer } from '../approvals/request-change.ts';
import type { CommandBuilder, CommandRequest } from '../commands/command-registry.ts';
import type { VisibleSecrets } from '../guard/visible-secrets.ts';
import { type ChangeEnds, overdue, ranBefore } from '../stored/change-ends.ts';
import { createLine, type Line } from './line.ts';
import {
  type BulkChange,
  type ClaimedItems,
  type ItemResult,
  type OperationItem,
  type OperationOrder,
  type OperationQueue,
  urgentActions,
} from './operation.ts';

/** Operations of a kind that one process works on at once, and of one caller: their items are in memory. */
const OPERATIONS_AT_ONCE = 40;
const OF_ONE_CALLER = 10;
/**
 * Items under way at once, each caller's as many: those of one secret share a cycle, and the pace per account holds the quota. Who
 * comes later gets its part although those before still have theirs, so for a while it may be some times as many.
 */
const ITEMS_AT_ONCE = 100;

type ChangeOrder = OperationOrder & { action: BulkChange };
type Recorded = Pick<OperationItem, 'status' | 'result'>;

type BulkWorker = {
  /** Takes operations up that nobody works on, and keeps the leases of its own; to be called every second. */
  run(): Promise<void>;
  /** Begins nothing more. Resolves when what is under way has ended, and what is left is another process's to take up. */
  stop(): Promise<void>;
};

/**
 * Carries operations out, item by item, each a change like any other: guardrails, audit log, approvals. They take turns, so
 * that one whose secrets are slow holds up none of the others. Each item has one change id, whatever becomes of it: what the
 * audit log has of that is found out about, and not done twice.
 */
export function createBulkWorker(deps: {
  queue: OperationQueue & ClaimedItems;
  changer: Changer;
  build: CommandBuilder;
  resume: AnswerResumer;
  ended: ChangeEnds;
  visible: Pick<VisibleSecrets, 'asSeen'>;
  /** Carries out an item of a survey; `left` once the process stops. */
  survey(item: string): Promise<Recorded | 'left'>;
  clock: Clock;
  sleep(ms: number, signal: AbortSignal): Promise<void>;
  /** The operation is taken up again later. */
  onFailure(operationId: string, error: unknown): void;
}): BulkWorker {
  const { queue } = deps;
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
    const work = doItem(line.order, item)
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

  async function doItem(order: OperationOrder, item: OperationItem): Promise<void> {
    const { action } = order;
    const recorded = action === 'survey' ? await survey(order, item) : await carryOut({ ...order, action }, item);
    if (recorded !== 'left') await queue.record(order.id, item.position, recorded);
  }

  /** It may be done twice. */
  async function survey(order: OperationOrder, item: OperationItem): Promise<Recorded | 'left'> {
    if (deps.clock() > new Date(order.notAfter)) return failed(overdue(order.notAfter));
    await queue.record(order.id, item.position, { status: 'running', result: null });
    return deps.survey(item.secretId);
  }

  /** Of an incident, what follows elsewhere is done once more: it may not have been. */
  async function resumed(order: ChangeOrder, item: OperationItem): Promise<Answer | null> {
    const made = await deps.resume(item.changeId);
    if (made === null || 'approvalId' in made || order.incident === undefined) return made;
    const command = await deps.build(askedOf(order, item));
    return (await command.afterwards?.(made)) ?? made;
  }

  /** What became of an item already. */
  async function found(order: ChangeOrder, item: OperationItem): Promise<Recorded | null> {
    const made = await resumed(order, item);
    if (made !== null) return read(made);
    const { changeId } = item;
    const end = await deps.ended(changeId);
    if (end === null) return null;
    return end.outcome === 'unchanged' ? { status: 'unchanged', result: {} } : failed(ranBefore(end));
  }

  /**
   * What passes by itself is tried again; but a try, of a dead process too, may have made its change, and only the answer
   * was lost. Once the process stops it is `left`, as it stands, to the next.
   */
  async function carryOut(order: ChangeOrder, item: OperationItem): Promise<Recorded | 'left'> {
    const { signal } = stopping;
    const rest = async (ms: number) => {
      await deps.sleep(ms, signal).catch(() => {});
      signal.throwIfAborted();
    };
    try {
      return await patiently((tries) => attempt(order, item, tries), rest);
    } catch (error) {
      if (signal.aborted && (error === signal.reason || passes(error))) return 'left';
      if (!(error instanceof DomainError)) throw error;
      return failed(error);
    }
  }

  /** @throws DomainError as the caller may see it */
  async function attempt(order: ChangeOrder, item: OperationItem, tries: number): Promise<Recorded> {
    try {
      const made = tries === 0 ? await found(order, item) : read(await resumed(order, item));
      if (made !== null) return made;
      if (deps.clock() > new Date(order.notAfter)) return failed(overdue(order.notAfter));
      if (tries === 0) await queue.record(order.id, item.position, { status: 'running', result: null });
      const command = await deps.build(askedOf(order, item));
      return read(await deps.changer.change({ ...command, ...(!isUrgent(order) && { background: true }) }));
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      throw await deps.visible.asSeen(order.requester.identity, item.secretId, error);
    }
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

const isUrgent = ({ action }: Pick<OperationOrder, 'action'>): boolean => urgentActions.includes(action);

const failed = ({ code, message }: DomainError): Recorded => ({
  status: 'failed',
  result: { problem: { code, detail: message } },
});

const askedOf = (
  { requester, action, reason, ticket, dryRun }: ChangeOrder,
  { changeId, secretId, request }: OperationItem,
): CommandRequest => ({
  ...{ changeId, requester, action, secretId, request, reason, ticket, dryRun },
  ...{ ifMatch: null, ifNoneMatch: false },
});

type Answer = Awaited<ReturnType<Changer['change']>>;

function read(answer: Answer): Recorded;
function read(answer: Answer | null): Recorded | null;
function read(answer: Answer | null): Recorded | null {
  if (answer === null) return null;
  if ('approvalId' in answer) return { status: 'awaitingApproval', result: { approvalId: answer.approvalId } };
  const entry = answer.share ?? answer.denial ?? answer.restriction;
  // Documents are none of an item’s anyway.
  const warnings = answer.warnings.filter(({ code }) => code !== 'policy-not-shown');
  const result: ItemResult = { ...(entry && { entryId: entry.id }), ...(warnings.length > 0 && { warnings }) };
  return { status: answer.changed ? 'applied' : 'unchanged', result };
}

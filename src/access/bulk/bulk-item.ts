import type { Clock } from '../../clock.ts';
import { passes, patiently } from '../../patience.ts';
import { DomainError } from '../../problems/problem.ts';
import type { Foreground } from '../../turns/foreground.ts';
import type { AnswerResumer, Changer } from '../approvals/request-change.ts';
import type { CommandBuilder, CommandRequest } from '../commands/command-registry.ts';
import type { VisibleSecrets } from '../guard/visible-secrets.ts';
import { type ChangeEnds, ranBefore, untimely } from '../stored/change-ends.ts';
import {
  type BulkChange,
  type ClaimedItems,
  type ItemResult,
  isUrgent,
  OPERATION_LIFETIME_MS,
  type OperationItem,
  type OperationOrder,
} from './operation.ts';

type ChangeOrder = OperationOrder & { action: BulkChange };
type Recorded = Pick<OperationItem, 'status' | 'result'>;

export type ItemPorts = {
  queue: Pick<ClaimedItems, 'record'>;
  changer: Changer;
  build: CommandBuilder;
  resume: AnswerResumer;
  ended: ChangeEnds;
  visible: Pick<VisibleSecrets, 'asSeen'>;
  /** Carries out an item of a survey; `left` once the process stops. */
  survey(item: string): Promise<Recorded | 'left'>;
  foreground: Pick<Foreground, 'quiet'>;
  clock: Clock;
  sleep(ms: number, signal: AbortSignal): Promise<void>;
};

/**
 * Carries out an item, a change like any other: guardrails, audit log, approvals. It has one change id, whatever becomes of it: what
 * the audit log has of that is found out about, and not done twice.
 * @param signal the process stops: what only waits is left, as it stands, to the next
 */
type ItemRunner = (order: OperationOrder, item: OperationItem, signal: AbortSignal) => Promise<void>;

export function createItemRunner(deps: ItemPorts): ItemRunner {
  const { queue } = deps;

  async function doItem(order: OperationOrder, item: OperationItem, signal: AbortSignal): Promise<void> {
    const { action } = order;
    if (!isUrgent(order)) await deps.foreground.quiet();
    const recorded =
      action === 'survey' ? await survey(order, item) : await carryOut({ ...order, action }, item, signal);
    if (recorded !== 'left') await queue.record(order.id, item.position, recorded);
  }

  /** It may be done twice. */
  async function survey(order: OperationOrder, item: OperationItem): Promise<Recorded | 'left'> {
    const late = untimely(order.notAfter, OPERATION_LIFETIME_MS, deps.clock());
    if (late !== null) return failed(late);
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
  async function carryOut(order: ChangeOrder, item: OperationItem, signal: AbortSignal): Promise<Recorded | 'left'> {
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
      const late = untimely(order.notAfter, OPERATION_LIFETIME_MS, deps.clock());
      if (late !== null) return failed(late);
      if (tries === 0) await queue.record(order.id, item.position, { status: 'running', result: null });
      const command = await deps.build(askedOf(order, item));
      return read(await deps.changer.change({ ...command, ...(!isUrgent(order) && { background: true }) }));
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      throw await deps.visible.asSeen(order.requester.identity, item.secretId, error);
    }
  }

  return doItem;
}

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
  const about = entry && { entryId: entry.id, who: entry.words.who };
  const result: ItemResult = { ...about, ...(warnings.length > 0 && { warnings }) };
  return { status: answer.changed ? 'applied' : 'unchanged', result };
}

import type { Clock } from '../../clock.ts';
import { DomainError } from '../../problems/problem.ts';
import { isPassing } from '../../problems/table.ts';
import type { CommandBuilder } from '../commands/command-registry.ts';
import { SYSTEM } from '../identity.ts';
import type { ChangeEvents } from '../recover/change-events.ts';
import type { ChangeResumer } from '../recover/resume-change.ts';
import { type ChangeEnds, ranBefore, untimely } from '../stored/change-ends.ts';
import type { Change } from '../write/change.ts';
import type { PolicyChanger } from '../write/change-policy.ts';
import { eachPlaceAtOnce } from '../write/each-place.ts';
import type { AuditJournal } from '../write/record/audit-journal.ts';
import { draft } from '../write/record/change-recorder.ts';
import { commandOf, lifetimeOf, secondOf, wantsAnother } from './access-request.ts';
import { type Approval, ApprovalRequired, auditedAs } from './approval.ts';
import type { ApprovalStore } from './approval-store.ts';

/**
 * What follows a decision: its audit event, and for a yes the change. The decision itself is one UPDATE, so that of many
 * deciders over all replicas one wins; from then on the store knows that something is left to do, and whoever finds it
 * left (after a crash, or while AWS is away) finishes it. Each step looks first whether it was done.
 */
export type ApprovalFinisher = {
  /** @returns the change; null when there is none to make. @throws DomainError why it could not be applied */
  finish(approval: Approval): Promise<Change | null>;
  /** Closes what nobody decided in time. */
  expire(): Promise<void>;
  /** One pass over what is left to do. */
  run(): Promise<void>;
};

const EVENT = {
  approved: 'approve',
  applied: 'approve',
  failed: 'approve',
  rejected: 'reject',
  expired: 'expireApproval',
} as const;
const OVERDUE_AT_ONCE = 100;

export function createApprovalFinisher(deps: {
  approvals: ApprovalStore;
  journal: Pick<AuditJournal, 'append'>;
  events: Pick<ChangeEvents, 'eventsOfChange'>;
  policyChanger: Pick<PolicyChanger, 'change'>;
  build: CommandBuilder;
  resume: ChangeResumer;
  ended: ChangeEnds;
  clock: Clock;
  onFailure(approvalId: string, error: unknown): void;
}): ApprovalFinisher {
  const { approvals } = deps;

  async function announce(approval: Approval): Promise<void> {
    if (approval.status === 'pending') return;
    const action = EVENT[approval.status];
    const events = await deps.events.eventsOfChange(approval.id);
    if (events.some((event) => event.action === action && event.outcome === 'applied')) return;
    const said = { ...auditedAs(approval, approval.decision?.by ?? SYSTEM), action };
    await deps.journal.append([draft(approval.secret, said, 'outcome', { outcome: 'applied' })]);
  }

  async function apply(approval: Approval): Promise<Change> {
    // A process that died may have made the change already: the audit log, reconciled, says so.
    const made = await deps.resume(approval.id);
    if (made !== null) return made;
    const end = await deps.ended(approval.id);
    if (end !== null) throw ranBefore(end);
    const late = untimely(approval.expiresAt, lifetimeOf(approval), deps.clock());
    if (late !== null) throw late;
    const command = await deps.build(commandOf(approval));
    const { etag: approvedOn, by } = approval.decision ?? {};
    return deps.policyChanger.change({
      ...{ ...command, ...secondOf(approval) },
      ...(approvedOn && { approvedOn }),
      ...(by && { toldTo: by.identity }),
    });
  }

  async function finish(approval: Approval): Promise<Change | null> {
    const { id, status } = approval;
    try {
      await announce(approval);
      const change = status === 'approved' ? await apply(approval) : null;
      await approvals.move(id, status, {
        status: change === null ? status : 'applied',
        problem: null,
        left: 'nothing',
      });
      return change;
    } catch (error) {
      const problem = problemOf(error, approval);
      const inTime = status !== 'approved' || deps.clock() < new Date(approval.expiresAt);
      // Then the change stays approved and is tried again, after a look whether it was made and only not recorded.
      const passes = inTime && isPassing(problem.code) && problem.facts.uncertain !== true;
      await approvals.move(id, status, {
        status: passes || status !== 'approved' ? status : 'failed',
        problem: { code: problem.code, detail: problem.message },
        left: passes ? 'forAnyone' : 'nothing',
      });
      throw problem;
    }
  }

  async function expire(): Promise<void> {
    const overdue = { status: 'pending', expiresBy: deps.clock() } as const;
    const { items } = await approvals.list(overdue, { limit: OVERDUE_AT_ONCE });
    for (const approval of items) {
      const expired = await approvals.move(approval.id, 'pending', { status: 'expired', problem: null, left: 'forMe' });
      if (expired) await finish({ ...approval, status: 'expired' });
    }
  }

  return {
    finish,
    expire,
    async run() {
      await expire();
      await eachPlaceAtOnce(
        await approvals.takeLeft(),
        ({ secret }) => secret.arn,
        async (approval) => {
          await finish(approval).catch((error) => deps.onFailure(approval.id, error));
        },
      );
    },
  };
}

function problemOf(error: unknown, approval: Approval): DomainError {
  if (error instanceof DomainError) return error;
  if (error instanceof ApprovalRequired) return wantsAnother(error, approval);
  const why = 'Something broke while it was applied. Read the policy before you try again.';
  return new DomainError('internal-error', { why, cause: error });
}

import type { AuditAction } from '../../audit/event.ts';
import type { Clock } from '../../clock.ts';
import { commandRequestOf } from '../commands/command-registry.ts';
import type { VisibleSecrets } from '../guard/visible-secrets.ts';
import type { ChangeResumer } from '../recover/resume-change.ts';
import type { Change, ChangeCommand } from '../write/change.ts';
import type { PolicyChanger } from '../write/change-policy.ts';
import type { AuditJournal } from '../write/record/audit-journal.ts';
import { draft } from '../write/record/change-recorder.ts';
import { asAsked, isAccessRequest, withOwnSide } from './access-request.ts';
import {
  APPROVAL_LIFETIME_MS,
  type Approval,
  ApprovalRequired,
  auditedAs,
  describeApproval,
  type PendingChange,
} from './approval.ts';
import type { ApprovalStore } from './approval-store.ts';
import type { ApprovalPreviewer } from './preview-approval.ts';

/** Where callers ask for changes. */
export type Changer = {
  /**
   * Makes the change, or keeps it for the second person that a guardrail asks for.
   * @throws DomainError whatever refuses or fails it
   */
  change(command: ChangeCommand): Promise<Change | PendingChange>;
};

export function createChanger(deps: {
  policyChanger: Pick<PolicyChanger, 'change'>;
  approvals: Pick<ApprovalStore, 'add'>;
  journal: Pick<AuditJournal, 'append'>;
  visible: Pick<VisibleSecrets, 'asShown'>;
  preview: ApprovalPreviewer;
  clock: Clock;
}): Changer {
  return {
    async change(command) {
      const { identity } = command.requester;
      try {
        return await deps.visible.asShown(identity, await deps.policyChanger.change(command));
      } catch (error) {
        if (!(error instanceof ApprovalRequired)) throw error;
        const approval = approvalOf(command, error, deps.clock());
        // First the record: a request that nobody recorded was never made, one that was recorded may be made again.
        const said = { ...auditedAs(approval, command.requester), action: 'requestApproval' } as const;
        await deps.journal.append([draft(approval.secret, said, 'outcome', { outcome: 'applied' })]);
        await deps.approvals.add(approval);
        // Nobody reads the answers of those of many, and AWS would be asked about each.
        const shown =
          command.background === true
            ? describeApproval(approval, { etag: error.preview.etag })
            : await deps.preview(approval, identity);
        return deps.visible.asShown(identity, shown);
      }
    },
  };
}

/** The lost answer of a request: the change that it made, or the approval that it waits for. Null when there is neither. */
export type AnswerResumer = (changeId: string) => Promise<Change | PendingChange | null>;

export function createAnswerResumer(resume: ChangeResumer, approvals: Pick<ApprovalStore, 'find'>): AnswerResumer {
  return async (changeId) => {
    const change = await resume(changeId);
    if (change !== null) return change;
    const approval = await approvals.find(changeId);
    if (approval === null) return null;
    return isAccessRequest(approval) ? withOwnSide(asAsked(approval)) : describeApproval(approval);
  };
}

function approvalOf(command: ChangeCommand, { group, secret, preview, gains }: ApprovalRequired, now: Date): Approval {
  const { arn, name, account, region, tags } = secret;
  return {
    id: command.changeId,
    status: 'pending',
    group,
    // By its ARN: the name may be another secret's by then.
    asked: commandRequestOf({ ...command, secretId: arn, ifMatch: pinned(command, preview.etag) }),
    guard: { ...command.guard, context: { ...command.guard.context, gains } },
    secret: { arn, name, account, region, tags },
    summary: preview.summary,
    effect: preview.effect,
    diff: preview.diff,
    warnings: preview.warnings,
    requestedAt: now.toISOString(),
    expiresAt: new Date(now.getTime() + APPROVAL_LIFETIME_MS).toISOString(),
    decision: null,
    problem: null,
  };
}

/** A whole document is for the policy of now, and no other: `If-Match: *` would let it take the place of any. */
const pinned = ({ action, ifMatch }: ChangeCommand, etag: string): string | null =>
  WHOLE.includes(action) ? etag : ifMatch;

const WHOLE: readonly AuditAction[] = ['replacePolicy', 'deletePolicy', 'rollback'];

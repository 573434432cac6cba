import type { Clock } from '../../clock.ts';
import type { CommandBuilder } from '../commands/command-registry.ts';
import type { KeyGranter } from '../grants/key-granter.ts';
import type { Authorizer } from '../guard/authorizer.ts';
import type { VisibleSecrets } from '../guard/visible-secrets.ts';
import type { StandingIncidents } from '../incidents/standing/standing-incidents.ts';
import type { LegExaminer } from '../judge/legs/legs.ts';
import type { ChangeEvents } from '../recover/change-events.ts';
import type { ChangeResumer } from '../recover/resume-change.ts';
import type { ChangeEnds } from '../stored/change-ends.ts';
import type { CommandSeal } from '../stored/command-seal.ts';
import type { StoredRefuser } from '../stored/refuse-stored.ts';
import type { PolicyChanger } from '../write/change-policy.ts';
import type { AuditJournal } from '../write/record/audit-journal.ts';
import type { SecretLock } from '../write/secret-lock.ts';
import type { SecretPolicies } from '../write/secret-policies.ts';
import type { ApprovalStore } from './approval-store.ts';
import { createApprovalDecider } from './decide-approval.ts';
import { createApprovalFinisher } from './finish-approval.ts';
import { createApprovalPreviewer } from './preview-approval.ts';
import { createApprovalRehearsal } from './rehearse-approval.ts';
import { createAccessRequester } from './request-access.ts';
import { createAnswerResumer, createChanger } from './request-change.ts';
import { trustSealedApprovals } from './sealed-approvals.ts';
import { createApprovalViewer } from './view-approvals.ts';
import { type ApprovalStatuses, createInboxWatch } from './watch-inbox.ts';

/** Approvals, joined. @param deps.policiesForLooks what a secret is may be some seconds old there */
export function joinApprovals({
  store,
  policiesForLooks,
  resumeChange,
  ...given
}: {
  store: ApprovalStore & ApprovalStatuses;
  journal: AuditJournal & Pick<ChangeEvents, 'eventsOfChange'>;
  ended: ChangeEnds;
  seal: CommandSeal;
  refused: StoredRefuser;
  lock: SecretLock;
  policies: SecretPolicies;
  policiesForLooks: SecretPolicies;
  standing: StandingIncidents;
  visible: VisibleSecrets;
  authorizer: Authorizer;
  legs: LegExaminer;
  granter: KeyGranter;
  build: CommandBuilder;
  policyChanger: Pick<PolicyChanger, 'change'>;
  resumeChange: ChangeResumer;
  clock: Clock;
  sleep(ms: number): Promise<void>;
  /** An approved change can't be applied yet. */
  onFailure(approvalId: string, error: unknown): void;
}) {
  const approvals = trustSealedApprovals(store, given);
  const deps = { ...given, events: given.journal, approvals };
  const finisher = createApprovalFinisher({ ...deps, resume: resumeChange });
  const forLooks = { ...deps, policies: policiesForLooks };
  const preview = createApprovalPreviewer(forLooks);
  const viewer = createApprovalViewer({ ...forLooks, finisher, preview });
  const { statuses } = store;
  return {
    changer: createChanger({ ...deps, preview }),
    requester: createAccessRequester(deps),
    resume: createAnswerResumer(resumeChange, approvals),
    finisher,
    viewer,
    decider: createApprovalDecider({ ...deps, finisher, viewer, rehearse: createApprovalRehearsal(deps) }),
    watch: createInboxWatch({ ...deps, approvals: { statuses, find: approvals.find }, sees: viewer.sees }),
  };
}

import type { Clock } from '../../clock.ts';
import { DomainError } from '../../problems/problem.ts';
import { noteAsked } from '../guard/asked-guardrails.ts';
import type { AuthorizationRequest, Authorizer } from '../guard/authorizer.ts';
import { assertAllowed } from '../guard/guard-change.ts';
import { whySaid } from '../guard/guard-context.ts';
import type { VisibleSecrets } from '../guard/visible-secrets.ts';
import type { Requester } from '../identity.ts';
import type { ChangeEvents } from '../recover/change-events.ts';
import type { Secret } from '../secret.ts';
import { decisionOn, ranBefore } from '../stored/change-ends.ts';
import type { Change } from '../write/change.ts';
import { assertPreconditions } from '../write/preconditions.ts';
import type { AuditJournal } from '../write/record/audit-journal.ts';
import { draft } from '../write/record/change-recorder.ts';
import type { SecretPolicies } from '../write/secret-policies.ts';
import { asAsked, assertNarrower, groupNow, isAccessRequest } from './access-request.ts';
import { type Approval, auditedAs, type Decision, describeApproval, type PendingChange } from './approval.ts';
import type { ApprovalStore } from './approval-store.ts';
import type { ApprovalFinisher } from './finish-approval.ts';
import type { ApprovalRehearsal } from './rehearse-approval.ts';
import { type ApprovalViewer, askedFor } from './view-approvals.ts';

/**
 * A second person's word: of somebody else than who asked, a member of the group, whom the guardrails let approve.
 * Each method @throws DomainError approval-not-found, also for who may neither see nor decide; forbidden (audited),
 * approval-closed, stored-command-refused
 */
export type ApprovalDecider = {
  /**
   * Applies the change to the policy as it is now, which must be the one of `etag`: what was approved is what was seen.
   * `narrowed`: less than was asked for.
   * @throws DomainError besides: policy-changed, and it waits on; validation-failed for more than was asked for; why it could not be applied
   */
  approve(
    by: Requester,
    id: string,
    said: { reason: string | null; etag: string; narrowed?: Narrowed },
  ): Promise<Change>;
  reject(by: Requester, id: string, reason: string | null): Promise<PendingChange>;
  /** Whoever asked needs it no more: as if somebody had said no. */
  withdraw(by: Requester, id: string, reason: string | null): Promise<PendingChange>;
};

type Verdict = 'approve' | 'reject';
type Narrowed = NonNullable<Decision['narrowed']>;
type Said = { reason: string | null; etag?: string; narrowed?: Narrowed };

export function createApprovalDecider(deps: {
  approvals: Pick<ApprovalStore, 'find' | 'move'>;
  finisher: Pick<ApprovalFinisher, 'finish' | 'expire'>;
  journal: Pick<AuditJournal, 'append'>;
  events: Pick<ChangeEvents, 'eventsOfChange'>;
  policies: Pick<SecretPolicies, 'describe' | 'get'>;
  visible: Pick<VisibleSecrets, 'asShown' | 'assertMayUse'>;
  viewer: Pick<ApprovalViewer, 'sees'>;
  rehearse: ApprovalRehearsal;
  authorizer: Authorizer;
  clock: Clock;
}): ApprovalDecider {
  const { approvals, finisher } = deps;

  async function decide(verdict: Verdict, by: Requester, id: string, { narrowed = {}, ...said }: Said) {
    await finisher.expire();
    const approval = await approvals.find(id);
    if (approval === null) throw new DomainError('approval-not-found');
    const group = await assertMayDecide(verdict, by, approval);
    assertNarrower(approval, narrowed, deps.clock());
    const before = await decisionOn(deps.events, id);
    if (before !== null) throw ranBefore(before);
    if (said.etag !== undefined) await assertSeen(approval, said.etag);
    const status = verdict === 'approve' ? 'approved' : 'rejected';
    const decision: Decision = {
      ...{ by, at: deps.clock().toISOString(), ...said },
      ...(isAccessRequest(approval) && { group }),
      ...(Object.keys(narrowed).length > 0 && { narrowed }),
    };
    const decided: Approval = { ...approval, status, decision };
    if (status === 'approved' && (isAccessRequest(approval) || decision.narrowed)) await deps.rehearse(decided);
    return { decided, change: await carryOut(decided, decision) };
  }

  /** Of many who decide at once one does. */
  async function carryOut(decided: Approval, decision: Decision) {
    const { id, status } = decided;
    const won = await approvals.move(id, 'pending', { status, decision, problem: null, left: 'forMe' });
    if (!won) throw closed((await approvals.find(id)) ?? decided);
    return finisher.finish(decided);
  }

  async function withdraw(by: Requester, id: string, reason: string | null): Promise<Approval> {
    await finisher.expire();
    const approval = await approvals.find(id);
    if (approval === null || !askedFor(approval, by.identity) || !(await deps.viewer.sees(by.identity, approval)))
      throw new DomainError('approval-not-found');
    if (approval.status !== 'pending') throw closed(approval);
    const decision = { by, at: deps.clock().toISOString(), reason };
    const decided: Approval = { ...approval, status: 'rejected', decision };
    await carryOut(decided, decision);
    return decided;
  }

  /** @returns the group that decides */
  async function assertMayDecide(verdict: Verdict, by: Requester, approval: Approval): Promise<string> {
    try {
      assertAnother(by, approval);
      // The guardrails are asked about what waits: of what does not, they may want another group by now.
      if (!isAccessRequest(approval)) assertOf(approval.group, by);
      if (approval.status !== 'pending') throw closed(approval);
      await deps.visible.assertMayUse(by.identity, approval.secret.arn);
      const secret = await deps.policies.describe(approval.secret.arn);
      const group = groupNow(deps.authorizer, approval, secret);
      assertOf(group, by);
      assertPermitted(by, approval, secret);
      return group;
    } catch (error) {
      if (error instanceof DomainError && error.code === 'forbidden') {
        const said = { ...auditedAs(approval, by), action: verdict };
        const details = { outcome: 'refused', error: { code: error.code, message: error.message } } as const;
        await deps.journal.append([draft(approval.secret, said, 'outcome', details)]);
      }
      throw await asSeen(by, approval, error);
    }
  }

  /** Who may neither see it nor decide on it learns nothing of it. */
  async function asSeen({ identity }: Requester, approval: Approval, error: unknown): Promise<unknown> {
    const mayKnow = identity.groups.includes(approval.group) || (await deps.viewer.sees(identity, approval));
    return mayKnow || !(error instanceof DomainError) ? error : new DomainError('approval-not-found');
  }

  /** By the secret's tags of now. */
  function assertPermitted(by: Requester, { guard, asked }: Approval, secret: Secret): void {
    const question: AuthorizationRequest = {
      identity: by.identity,
      action: 'approve',
      secret,
      context: { ...guard.context, ...whySaid(asked) },
    };
    assertAllowed(deps.authorizer, question);
    noteAsked(by, question);
  }

  /** Before the decision, so that whoever saw another policy may look again. @throws DomainError policy-changed */
  async function assertSeen({ id, secret }: Approval, etag: string): Promise<void> {
    const attached = await deps.policies.get(secret.arn);
    try {
      assertPreconditions(attached, { ifMatch: null, approvedOn: etag });
    } catch (error) {
      // Somebody else's decision may have changed it.
      const now = await approvals.find(id);
      throw now === null || now.status === 'pending' ? error : closed(now);
    }
  }

  return {
    async approve(by, id, said) {
      const { change } = await decide('approve', by, id, said);
      if (change === null) throw new Error('An approved change was finished without being made.');
      return deps.visible.asShown(by.identity, change);
    },
    async reject(by, id, reason) {
      const { decided } = await decide('reject', by, id, { reason });
      return deps.visible.asShown(by.identity, describeApproval(decided));
    },
    async withdraw(by, id, reason) {
      const decided = await withdraw(by, id, reason);
      return isAccessRequest(decided) ? asAsked(decided) : deps.visible.asShown(by.identity, describeApproval(decided));
    },
  };
}

function assertAnother({ identity }: Requester, approval: Approval): void {
  if (!askedFor(approval, identity)) return;
  throw forbidden(`You asked for this change: somebody else, of the group ${approval.group}, must decide.`);
}

function assertOf(group: string, { identity }: Requester): void {
  if (!identity.groups.includes(group)) throw forbidden(`Only members of the group ${group} decide on this change.`);
}

/** No guardrail forbids it: the rule of two persons does. */
const forbidden = (why: string) => new DomainError('forbidden', { why });

function closed({ status, decision, expiresAt }: Approval): DomainError {
  const how = decision === null ? { expiresAt } : { by: decision.by.identity.subject, at: decision.at };
  return new DomainError('approval-closed', { status, ...how });
}

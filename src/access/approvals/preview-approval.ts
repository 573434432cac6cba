import type { Clock } from '../../clock.ts';
import { etagOf } from '../../policy/canonical.ts';
import { DomainError } from '../../problems/problem.ts';
import { createLoopTurns } from '../../turns/event-loop.ts';
import type { CommandBuilder } from '../commands/command-registry.ts';
import type { Identity } from '../identity.ts';
import type { StandingIncidents } from '../incidents/standing/standing-incidents.ts';
import { describeChange } from '../write/change.ts';
import { type Attached, planChange } from '../write/plan-changes.ts';
import { assertChangeable } from '../write/preconditions.ts';
import type { AuditJournal } from '../write/record/audit-journal.ts';
import { droppedFrom } from '../write/record/drift.ts';
import type { SecretPolicies } from '../write/secret-policies.ts';
import { lookAlongside } from '../write/write-changes.ts';
import { type Approval, type AsOfNow, describeApproval, type PendingChange } from './approval.ts';

export type Looks = {
  policies: Pick<SecretPolicies, 'describe' | 'get'>;
  journal: Pick<AuditJournal, 'lastPolicy'>;
  standing: StandingIncidents;
};

/** What a change would be planned on now. */
export async function attachedTo(arn: string, { policies, journal, standing }: Looks): Promise<Attached> {
  const [secret, document, known, incidents] = await Promise.all([
    policies.describe(arn),
    policies.get(arn),
    journal.lastPolicy(arn),
    standing(),
  ]);
  return { secret, document, incidents, ...droppedFrom(known, secret, document) };
}

/**
 * What waits, as whoever decides should see it: what it would do to the policy of now, and the ETag of that policy, which
 * approving takes. Where that can't be said, `problem` says why, and the rest is as it was when it was asked for.
 */
export type ApprovalPreviewer = (approval: Approval, toldTo: Identity) => Promise<PendingChange>;

export function createApprovalPreviewer(deps: Looks & { build: CommandBuilder; clock: Clock }): ApprovalPreviewer {
  /** Those of a list are planned one after another. */
  const turn = createLoopTurns();

  async function previewOf({ asked, secret: { arn } }: Approval, toldTo: Identity): Promise<AsOfNow> {
    const attached = await attachedTo(arn, deps);
    const { secret, document } = attached;
    const etag = etagOf(document);
    assertChangeable(secret);
    const command = { ...(await deps.build(asked)), toldTo };
    await turn();
    const step = await planChange(attached, command, { ask: () => null, now: deps.clock() });
    // As whoever asked could see it by a dry run.
    const rehearsed = { ...command, dryRun: true };
    const beside = await lookAlongside(step, secret);
    const { summary, effect, legs, diff, warnings } = describeChange(rehearsed, secret, step, beside, step.warnings);
    return { etag, summary, effect, legs, diff, warnings };
  }

  return async (approval, toldTo) => {
    if (approval.status !== 'pending') return describeApproval(approval);
    try {
      return describeApproval(approval, await previewOf(approval, toldTo));
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      return describeApproval(approval, { problem: { code: error.code, detail: error.message } });
    }
  };
}

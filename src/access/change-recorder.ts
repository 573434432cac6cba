import type { AuditOutcome, EventDraft, PolicyTransition } from '../audit/event.ts';
import { policyHash } from '../policy/canonical.ts';
import type { PolicyDocument } from '../policy/document.ts';
import type { Entry } from '../policy/entry.ts';
import type { DomainError } from '../problem.ts';
import type { ChangeCommand } from './change.ts';
import type { AuditJournal, Secret } from './ports.ts';

type Recorded = {
  command: ChangeCommand;
  before: PolicyDocument | null;
  after: PolicyDocument | null;
  missing: readonly Entry[];
};

/** The audit side of one cycle: intents before, outcomes after, each in one transaction. */
export type CycleRecord = {
  /** Durable before AWS is asked to change anything. A change whose intent stands already is not recorded twice. */
  intents(steps: readonly Recorded[]): Promise<void>;
  settle(step: Recorded, outcome: AuditOutcome, failure: DomainError | null, awsRequestId?: string | null): void;
  /** A refusal by the guardrails: nothing was tried. */
  refused(command: ChangeCommand, error: DomainError): void;
  /** Writes the outcomes. @throws DomainError audit-unavailable: the intents then wait for reconciliation */
  flush(): Promise<void>;
};

export function recordCycle(journal: AuditJournal, secret: Secret): CycleRecord {
  const begun = new Set<string>();
  let pending: EventDraft[] = [];
  return {
    async intents(steps) {
      const fresh = steps.filter(({ command }) => !begun.has(command.changeId));
      if (fresh.length === 0) return;
      await journal.append(fresh.map((step) => draft(secret, step.command, 'intent', { policy: transition(step) })));
      for (const { command } of fresh) begun.add(command.changeId);
    },
    settle(step, outcome, failure, awsRequestId = null) {
      pending.push(
        draft(secret, step.command, 'outcome', {
          policy: transition(step),
          outcome,
          error: failure && { code: failure.code, message: failure.message },
          awsRequestId: failure?.facts.awsRequestId ?? awsRequestId,
        }),
      );
    },
    refused(command, error) {
      const details = { outcome: 'refused', error: { code: error.code, message: error.message } } as const;
      pending.push(draft(secret, command, 'outcome', details));
    },
    async flush() {
      const drafts = pending;
      pending = [];
      if (drafts.length > 0) await journal.append(drafts);
    },
  };
}

export function draft(
  secret: Pick<Secret, 'arn' | 'name' | 'account' | 'region'>,
  command: Pick<ChangeCommand, 'changeId' | 'requester' | 'action' | 'request' | 'reason' | 'ticket'>,
  phase: EventDraft['phase'],
  details: Partial<Pick<EventDraft, 'policy' | 'outcome' | 'error' | 'awsRequestId'>>,
): EventDraft {
  const { identity, source, requestId, traceId } = command.requester;
  return {
    phase,
    changeId: command.changeId,
    actor: { subject: identity.subject, issuer: identity.issuer, method: identity.method },
    source,
    requestId,
    traceId,
    action: command.action,
    secret: namesOf(secret),
    request: command.request,
    reason: command.reason,
    ticket: command.ticket,
    policy: details.policy ?? null,
    outcome: details.outcome ?? null,
    error: details.error ?? null,
    awsRequestId: details.awsRequestId ?? null,
  };
}

export const namesOf = ({ arn, name, account, region }: Pick<Secret, 'arn' | 'name' | 'account' | 'region'>) => ({
  arn,
  name,
  account,
  region,
});

export const transition = ({
  before,
  after,
  missing,
}: Pick<Recorded, 'before' | 'after' | 'missing'>): PolicyTransition => ({
  before,
  after,
  beforeHash: policyHash(before),
  afterHash: policyHash(after),
  ...(missing.length > 0 && { missing: [...missing] }),
});

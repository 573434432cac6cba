import type { AuditOutcome, EventDraft, PolicyTransition } from '../audit/event.ts';
import { policyHash } from '../policy/canonical.ts';
import type { PolicyDocument } from '../policy/document.ts';
import { entriesOf } from '../policy/edit.ts';
import { parse } from '../policy/parse.ts';
import type { DomainError } from '../problem.ts';
import type { ChangeCommand } from './change.ts';
import type { AuditJournal, KnownPolicy, Secret } from './ports.ts';

type Recorded = {
  command: ChangeCommand;
  before: PolicyDocument | null;
  after: PolicyDocument | null;
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

/**
 * Somebody else changed the policy since our last change: what they did goes on the record, with those of our entries
 * that are gone.
 */
export function driftOf(
  known: KnownPolicy | null,
  secret: Secret,
  attached: PolicyDocument | null,
  changeId: string,
): EventDraft | undefined {
  if (known === null || known.hashes.includes(policyHash(attached))) return undefined;
  const held = new Set(entriesOf(parse(attached, secret.partition)).map(({ id }) => id));
  const missing = entriesOf(parse(known.document, secret.partition)).filter(({ id }) => !held.has(id));
  return {
    phase: 'outcome',
    changeId,
    actor: { subject: 'outside', issuer: null, method: 'system' },
    source: { ip: null, userAgent: null },
    requestId: null,
    traceId: null,
    action: 'drift',
    secret: namesOf(secret),
    request: { missing },
    reason: null,
    ticket: null,
    policy: transition({ before: known.document, after: attached }),
    outcome: 'applied',
    error: null,
    awsRequestId: null,
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

const namesOf = ({ arn, name, account, region }: Pick<Secret, 'arn' | 'name' | 'account' | 'region'>) => ({
  arn,
  name,
  account,
  region,
});

const transition = ({ before, after }: Pick<Recorded, 'before' | 'after'>): PolicyTransition => ({
  before,
  after,
  beforeHash: policyHash(before),
  afterHash: policyHash(after),
});

import {
  type AuditOutcome,
  CONFLICT,
  type DroppedDenial,
  type EventDraft,
  type PolicyTransition,
} from '../../../audit/event.ts';
import { policyHash, samePolicy } from '../../../policy/canonical.ts';
import type { PolicyDocument } from '../../../policy/document.ts';
import type { Entry } from '../../../policy/entries/entry.ts';
import type { DomainError } from '../../../problems/problem.ts';
import type { Secret } from '../../secret.ts';
import type { ChangeCommand } from '../change.ts';
import type { AuditJournal } from './audit-journal.ts';

type Recorded = {
  command: ChangeCommand;
  before: PolicyDocument | null;
  after: PolicyDocument | null;
  missing: readonly Entry[];
  droppedDenials: readonly DroppedDenial[];
};

/** The audit side of one cycle: intents before, outcomes after, each in one transaction. */
export type CycleRecord = {
  /**
   * Durable before AWS is asked to change anything. An intent that stands already is not recorded twice; one that was
   * planned anew, since AWS refused another of its batch, is ended, and begun with the documents it now has.
   */
  intents(steps: readonly Recorded[]): Promise<void>;
  settle(step: Recorded, outcome: AuditOutcome, failure: DomainError | null, awsRequestId?: string | null): void;
  /** Ends the intents that have no outcome: somebody else changed the policy meanwhile. */
  movedOn(): void;
  /** A refusal before anything was put; recorded if the guardrails refused, or if the change had an intent. */
  refused(command: ChangeCommand, error: DomainError): void;
  /**
   * Writes the outcomes.
   * @returns the changes that another replica came between: those that conflict, and those that were `unchanged` until then
   * @throws DomainError audit-unavailable: the intents then wait for reconciliation
   */
  flush(): Promise<Set<string>>;
};

export function recordCycle(journal: AuditJournal, secret: Secret): CycleRecord {
  const begun = new Map<string, Recorded>();
  const settled = new Set<string>();
  let pending: EventDraft[] = [];
  return {
    async intents(steps) {
      const fresh = steps.filter((step) => !isSame(step, begun.get(step.command.changeId)));
      if (fresh.length === 0) return;
      const ended = fresh.flatMap(({ command }) => begun.get(command.changeId) ?? []);
      await journal.append([
        ...ended.map((step) => draft(secret, step.command, 'outcome', { policy: transition(step), ...PLANNED_ANEW })),
        ...fresh.map((step) => draft(secret, step.command, 'intent', { policy: transition(step) })),
      ]);
      for (const step of fresh) begun.set(step.command.changeId, step);
    },
    settle(step, outcome, failure, awsRequestId = null) {
      settled.add(step.command.changeId);
      pending.push(
        draft(secret, step.command, 'outcome', {
          policy: transition(step),
          outcome,
          error: failure && { code: failure.code, message: failure.message },
          awsRequestId: failure?.facts.awsRequestId ?? awsRequestId,
        }),
      );
    },
    movedOn() {
      for (const { command, ...step } of begun.values()) {
        if (!settled.has(command.changeId))
          pending.push(draft(secret, command, 'outcome', { policy: transition(step), ...MOVED_ON }));
      }
    },
    refused(command, error) {
      if (error.code !== 'forbidden' && !begun.has(command.changeId)) return;
      settled.add(command.changeId);
      const details = { outcome: 'refused', error: { code: error.code, message: error.message } } as const;
      pending.push(draft(secret, command, 'outcome', details));
    },
    async flush() {
      const drafts = pending;
      pending = [];
      if (drafts.length === 0) return new Set();
      const recorded = await journal.settle(drafts, new Set(begun.keys()));
      const stands = new Set(recorded.map(({ changeId }) => changeId));
      return new Set([
        ...recorded.filter(({ error }) => error?.code === CONFLICT.code).map(({ changeId }) => changeId),
        ...drafts.flatMap(({ outcome, changeId }) => (outcome !== 'unchanged' || stands.has(changeId) ? [] : changeId)),
      ]);
    },
  };
}

const PLANNED_ANEW = {
  outcome: 'failed',
  error: {
    code: 'planned-anew',
    message: 'AWS refused another change of the same batch; this one goes on without it.',
  },
} as const;

const MOVED_ON = {
  outcome: 'failed',
  error: { code: 'planned-anew', message: 'Somebody else changed the policy meanwhile; nothing was put.' },
} as const;

const isSame = (step: Recorded, recorded: Recorded | undefined): boolean =>
  recorded !== undefined && samePolicy(step.before, recorded.before) && samePolicy(step.after, recorded.after);

export function draft(
  secret: EventDraft['secret'],
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

const namesOf = ({ arn, name, account, region }: EventDraft['secret']) => ({
  arn,
  name,
  account,
  region,
});

export const transition = ({
  before,
  after,
  missing,
  droppedDenials,
}: Omit<Recorded, 'command'>): PolicyTransition => ({
  before,
  after,
  beforeHash: policyHash(before),
  afterHash: policyHash(after),
  ...(missing.length > 0 && { missing: [...missing] }),
  ...(droppedDenials.length > 0 && { droppedDenials: [...droppedDenials] }),
});

import { Counter, collectDefaultMetrics, Histogram, Registry } from 'prom-client';
import { sealedKinds } from '../access/stored/command-seal.ts';
import { type AuditEvent, auditActions } from '../audit/event.ts';
import { type Channels, listen, type Steps } from '../channels.ts';
import { uselessReasons } from '../estate/events/hint.ts';
import { problemCodes } from '../problems/table.ts';
import { outcomeOf } from './outcome.ts';

/**
 * What is counted and timed, in a registry of its own for each app. Labels are of bounded sets (route patterns, codes,
 * IAM actions): never the name of a secret or of a caller. docs/operations.md says what each metric is for.
 */
export type Metrics = {
  registry: Registry;
  /** Counts changes as the audit log has them: of HTTP, of bulk operations and of the service's own chores. */
  onEvent(event: AuditEvent): void;
  onResponse(response: { method: string; route: string; status: number; seconds: number }): void;
  onProblem(code: string): void;
  /** Something stored, to be acted on later, was not stored by this service. */
  onUnauthentic(found: { kind: string }): void;
  /** Finished work was deleted, since its time was over. */
  onPurged(kind: string, count: number): void;
  /** What became of messages of the queue of change events. */
  changeEvents: ChangeEventMetrics;
};

type ChangeEventMetrics = {
  onReceived(count: number): void;
  onCoalesced(): void;
  onUseless(reason: string): void;
  onFailed(): void;
};

const FAST = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];
const SLOW = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** @param channels whose steps are timed, by their outcome */
export function createMetrics(channels: Channels): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });

  const histogram = <Label extends string>(name: string, help: string, labelNames: Label[], buckets: number[]) =>
    new Histogram({ name, help, labelNames, buckets, registers });
  const counter = <Label extends string>(name: string, help: string, labelNames: Label[]) =>
    new Counter({ name, help, labelNames, registers });

  const requests = histogram(
    'http_request_duration_seconds',
    'Requests, from the first header to the end of the answer.',
    ['method', 'route', 'status'],
    SLOW,
  );
  const problems = counter('secret_access_problems_total', 'Problem documents that were answered.', ['code']);
  const changes = counter('secret_access_changes_total', 'Changes by how they ended, as the audit log has them.', [
    'action',
    'outcome',
  ]);
  const refusals = counter('secret_access_guardrail_refusals_total', 'Changes that a guardrail forbade.', ['action']);
  const drift = counter('secret_access_drift_total', 'Policies found changed by somebody else.', []);
  const unauthentic = counter(
    'secret_access_unauthentic_stored_total',
    'Operations, items, approvals, decisions and idempotency keys in the database that this service did not store so.',
    ['kind'],
  );
  const purged = counter('secret_access_purged_total', 'Finished work that was deleted, since its time was over.', [
    'kind',
  ]);
  const received = counter('secret_access_change_events_received_total', 'Messages of the queue of change events.', []);
  const coalesced = counter(
    'secret_access_change_events_coalesced_total',
    'Change events that shared the look of another one.',
    [],
  );
  const useless = counter('secret_access_change_events_useless_total', 'Change events that led to no look.', [
    'reason',
  ]);
  const failed = counter(
    'secret_access_change_events_failed_total',
    'Looks that change events led to and that failed: the events come again.',
    [],
  );
  // What alerts look for is there from the start: of a series that begins with its first count, an increase is never seen.
  for (const code of problemCodes) problems.inc({ code }, 0);
  for (const action of auditActions) if (action !== 'drift') refusals.inc({ action }, 0);
  for (const reason of uselessReasons) useless.inc({ reason }, 0);
  for (const kind of sealedKinds) unauthentic.inc({ kind }, 0);
  const batch = histogram(
    'secret_access_cycle_changes',
    'Changes that shared one cycle of one secret.',
    [],
    [1, 2, 5, 10, 20, 50, 100, 200],
  );
  listen(channels.cycle, { ended: ({ commands }) => batch.observe(commands.length) });
  time(
    channels.awsCall,
    histogram(
      'secret_access_aws_call_seconds',
      'Calls to AWS over all their attempts, by IAM action.',
      ['operation', 'outcome'],
      SLOW,
    ),
    ({ action }) => ({ operation: action }),
  );
  time(
    channels.auditAppend,
    histogram('secret_access_audit_append_seconds', 'Appends to the audit journal.', ['outcome'], FAST),
  );
  time(
    channels.lockWait,
    histogram('secret_access_lock_wait_seconds', 'Waits for the lock of a secret.', ['outcome'], SLOW),
  );
  time(
    channels.cycle,
    histogram('secret_access_cycle_seconds', 'Cycles of one secret, with the wait.', ['outcome'], SLOW),
  );

  return {
    registry,
    onEvent({ phase, action, outcome, error }) {
      if (action === 'drift') drift.inc();
      else if (phase === 'outcome' && outcome !== null) changes.inc({ action, outcome });
      if (error?.code === 'forbidden') refusals.inc({ action });
    },
    onResponse({ method, route, status, seconds: took }) {
      requests.observe({ method, route, status }, took);
    },
    onProblem: (code) => problems.inc({ code }),
    onUnauthentic: ({ kind }) => unauthentic.inc({ kind }),
    onPurged: (kind, count) => purged.inc({ kind }, count),
    changeEvents: {
      onReceived: (count) => received.inc(count),
      onCoalesced: () => coalesced.inc(),
      onUseless: (reason) => useless.inc({ reason }),
      onFailed: () => failed.inc(),
    },
  };
}

/** Observes how long each step takes, by how it ends. */
function time<Message extends object>(
  steps: Steps<Message>,
  seconds: Histogram,
  labelsOf: (message: Message) => Record<string, string> = () => ({}),
): void {
  const begunAt = new WeakMap<object, number>();
  listen(steps, {
    begun: (message) => void begunAt.set(message, performance.now()),
    ended(message) {
      const outcome = message.error === undefined ? 'ok' : outcomeOf(message.error);
      const took = performance.now() - (begunAt.get(message) ?? performance.now());
      seconds.observe({ outcome, ...labelsOf(message) }, took / 1_000);
    },
  });
}

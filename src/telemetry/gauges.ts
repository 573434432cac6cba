import { Gauge, type Registry } from 'prom-client';
import type { Clock } from '../clock.ts';

/** What the database knows, over all replicas. */
type Statistics = {
  /** Of the chain; 0 while it is empty. */
  lastSequence: number;
  openIntents: number;
  oldestOpenIntentMs: number;
  expiringWithinDay: number;
  expiringWithinWeek: number;
  bulkItemsPending: number;
  /** Since it was asked for, of the oldest bulk operation that has not ended; 0 without any. */
  oldestOperationMs: number;
  findings: readonly { kind: string; severity: string; open: number; acknowledged: number }[];
};

/** What is looked up when somebody scrapes, not kept up to date meanwhile. */
type GaugeSources = {
  queueDepth(): number;
  /** @throws DomainError audit-unavailable: then what the database knows is left out, and `database_up` is 0 */
  statistics(): Promise<Statistics>;
  /** Why they could not be had. */
  onFailure(error: unknown): void;
  /** Of the queue of change events, in this process; undefined without one. */
  receiving?: (() => { receiving: boolean; oldestSentAt: Date | null }) | undefined;
  clock: Clock;
};

/** What a scrape answers. The gauges are read anew, and the page is written, once for all who ask meanwhile. */
export function createMetricsPage(registry: Registry, sources: GaugeSources) {
  const registers = [registry];
  const gauge = <Label extends string>(name: string, help: string, labelNames: Label[] = []) =>
    new Gauge({ name, help, labelNames, registers });

  const up = gauge('secret_access_database_up', '1 when the audit database answers, else 0.');
  const depth = gauge('secret_access_queue_depth', 'Changes that wait or run in this process.');
  const sequence = gauge('secret_access_audit_last_sequence', 'Length of the chain: the last sequence number.');
  const open = gauge('secret_access_audit_open_intents', 'Intents that have no outcome yet.');
  const oldest = gauge('secret_access_audit_oldest_open_intent_seconds', 'Age of the oldest of them; 0 without any.');
  const expiring = gauge('secret_access_expiring', 'Entries of policies that expire within a time.', ['within']);
  const pending = gauge('secret_access_bulk_items_pending', 'Items of bulk operations that are still to be done.');
  const operation = gauge(
    'secret_access_bulk_oldest_operation_seconds',
    'Age of the oldest bulk operation that has not ended; 0 without any.',
  );
  const known = [sequence, open, oldest, expiring, pending, operation];
  const of = ['kind', 'severity'];
  const findings = gauge(
    'secret_access_findings',
    'What is wrong with secrets of the estate, as last seen, and nobody acknowledged.',
    of,
  );
  const acknowledged = gauge(
    'secret_access_findings_acknowledged',
    'What is wrong with them and somebody acknowledged.',
    of,
  );
  const queueUp = gauge('secret_access_change_events_queue_up', '1 when the queue of change events answers, else 0.');
  const oldestEvent = gauge(
    'secret_access_change_events_oldest_seconds',
    'Age of the oldest change event that was received and is not done yet; 0 without any.',
  );
  const setReceiving = () => {
    const state = sources.receiving?.();
    if (state === undefined) return [queueUp, oldestEvent].forEach((each) => void each.remove({}));
    const { receiving, oldestSentAt } = state;
    queueUp.set(receiving ? 1 : 0);
    oldestEvent.set(
      oldestSentAt === null ? 0 : Math.max(0, sources.clock().getTime() - oldestSentAt.getTime()) / 1_000,
    );
  };
  const setFindings = (found: Statistics['findings']) => {
    findings.reset();
    acknowledged.reset();
    for (const { kind, severity, ...counts } of found) {
      findings.set({ kind, severity }, counts.open);
      acknowledged.set({ kind, severity }, counts.acknowledged);
    }
  };

  const readGauges = async () => {
    depth.set(sources.queueDepth());
    setReceiving();
    const found = await sources.statistics().catch((error) => {
      sources.onFailure(error);
      return null;
    });
    up.set(found === null ? 0 : 1);
    // An old figure would look like a current one.
    setFindings(found?.findings ?? []);
    if (found === null) return known.forEach((each) => void each.remove({}));
    sequence.set(found.lastSequence);
    open.set(found.openIntents);
    oldest.set(found.oldestOpenIntentMs / 1_000);
    expiring.set({ within: '24h' }, found.expiringWithinDay);
    expiring.set({ within: '7d' }, found.expiringWithinWeek);
    pending.set(found.bulkItemsPending);
    operation.set(found.oldestOperationMs / 1_000);
  };
  let reading: Promise<string> | null = null;
  return {
    contentType: registry.contentType,
    read: () =>
      (reading ??= readGauges()
        .then(() => registry.metrics())
        .finally(() => {
          reading = null;
        })),
  };
}

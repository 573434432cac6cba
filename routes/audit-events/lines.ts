import { csvLine } from '../../src/audit/csv.ts';
import type { AuditEvent } from '../../src/audit/event.ts';
import { type RecordedChange, toRecordedChange } from '../../src/audit/recorded-change.ts';

/** Exports, a line at a time. */

export async function* ndjson<T>(items: AsyncIterable<T>, show: (item: T) => unknown): AsyncGenerator<string> {
  for await (const item of items) yield `${JSON.stringify(show(item))}\n`;
}

type Row = Omit<RecordedChange, 'request' | 'policy'> & { phase: AuditEvent['phase'] };

export const rowOfEvent = (event: AuditEvent): Row => ({ ...toRecordedChange(event), phase: event.phase });
export const rowOfChange = (change: RecordedChange): Row => ({ ...change, phase: 'outcome' });

const COLUMNS: Readonly<Record<string, (row: Row) => string | null>> = {
  time: ({ time }) => time,
  summary: ({ summary }) => summary,
  outcome: ({ outcome }) => outcome,
  actor: ({ actor }) => actor.subject,
  issuer: ({ actor }) => actor.issuer,
  action: ({ action }) => action,
  secret: ({ secret }) => secret.name,
  account: ({ secret }) => secret.account,
  region: ({ secret }) => secret.region,
  reason: ({ reason }) => reason,
  ticket: ({ ticket }) => ticket,
  error: ({ error }) => error?.message ?? null,
  phase: ({ phase }) => phase,
  changeId: ({ changeId }) => changeId,
  eventId: ({ eventId }) => eventId,
};

export async function* csv<T>(items: AsyncIterable<T>, rowOf: (item: T) => Row): AsyncGenerator<string> {
  yield csvLine(Object.keys(COLUMNS));
  for await (const item of items) {
    const row = rowOf(item);
    yield csvLine(Object.values(COLUMNS).map((value) => value(row)));
  }
}

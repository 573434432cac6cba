import { csvLine } from '../../src/audit/csv.ts';
import type { AuditEvent } from '../../src/audit/event.ts';
import { type RecordedChange, toRecordedChange } from '../../src/audit/recorded-change.ts';

/** Exports, some lines at a time: each piece of an answer costs as much as making a line. */
const PIECE = 16_384;

export const ndjson = <T>(items: AsyncIterable<T>, show: (item: T) => unknown): AsyncGenerator<string> =>
  inPieces(items, (item) => `${JSON.stringify(show(item))}\n`);

async function* inPieces<T>(items: AsyncIterable<T>, lineOf: (item: T) => string, first = ''): AsyncGenerator<string> {
  let piece = first;
  for await (const item of items) {
    piece += lineOf(item);
    if (piece.length < PIECE) continue;
    yield piece;
    piece = '';
  }
  if (piece !== '') yield piece;
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

export const csv = <T>(items: AsyncIterable<T>, rowOf: (item: T) => Row): AsyncGenerator<string> =>
  inPieces(
    items,
    (item) => {
      const row = rowOf(item);
      return csvLine(Object.values(COLUMNS).map((value) => value(row)));
    },
    csvLine(Object.keys(COLUMNS)),
  );

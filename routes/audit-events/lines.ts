import { csvLine } from '../../src/audit/csv.ts';
import type { AuditEvent } from '../../src/audit/event.ts';
import { type RecordedChange, toRecordedChange } from '../../src/audit/recorded-change.ts';

/** Exports, some lines at a time: each piece of an answer costs as much as making a line. */
const PIECE = 16_384;
/** Of a filter that few events pass, lines don't wait for others: who says nothing for long is hung up on (http-limits.ts). */
const SILENCE_MS = 2_000;

type Milliseconds = () => number;

export const ndjson = <T>(
  items: AsyncIterable<T>,
  show: (item: T) => unknown,
  now?: Milliseconds,
): AsyncGenerator<string> => inPieces(items, (item) => `${JSON.stringify(show(item))}\n`, { now });

async function* inPieces<T>(
  items: AsyncIterable<T>,
  lineOf: (item: T) => string,
  { first = '', now = () => performance.now() }: { first?: string; now?: Milliseconds | undefined },
): AsyncGenerator<string> {
  let piece = first;
  let given = now();
  for await (const item of items) {
    piece += lineOf(item);
    if (piece.length < PIECE && now() - given < SILENCE_MS) continue;
    yield piece;
    piece = '';
    given = now();
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
    { first: csvLine(Object.keys(COLUMNS)) },
  );

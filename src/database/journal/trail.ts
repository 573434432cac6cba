import { setImmediate as nextTurn } from 'node:timers/promises';
import type { AuditTrail } from '../../access/looks/audit-trail.ts';
import type { SecretEvents } from '../../access/looks/entry-origins.ts';
import type { ChangeEvents } from '../../access/recover/change-events.ts';
import { openDocument } from '../../audit/chain.ts';
import type { AuditEvent } from '../../audit/event.ts';
import { fromCursor, toCursor } from '../../page.ts';
import type { Database } from '../database.ts';
import { atTheEdge } from '../errors.ts';
import type { Position } from './filter.ts';
import { appliedTo, newestOutcome } from './last-policy.ts';
import { type EventOfPage, pageOfEvents } from './page-of-events.ts';

/** Events that a stream looks for at a time. */
const STREAM_BATCH = 500;
/**
 * Bytes of documents that a stream reads at a time, but for a single event that has more: what is made of them is garbage before the
 * collector takes it for long-lived, however many streams there are, and however slow whoever takes them is.
 */
const STREAM_BYTES = 65_536;
const MAX_UNFINISHED = 1_000;

const stored = ['hash', 'document'] as const;
type Stored = { hash: string; document: string };
const toEvent = ({ document, hash }: Stored): AuditEvent => openDocument(document, hash);

/** Reads the journal. Every page is bounded work and bounded bytes, whatever came before it and whatever is asked for. */
export const createTrail = ({ kysely }: Database): AuditTrail & SecretEvents & ChangeEvents => {
  const list: AuditTrail['list'] = async (filter, { limit, cursor }) => {
    const after = cursor === undefined ? undefined : fromCursor(cursor, readPosition);
    return atTheEdge(async () => {
      const { events, next } = await pageOfEvents(kysely, filter, after, limit);
      const nextCursor = next === null ? null : toCursor(`${next.time_ms}.${next.sequence}`);
      return { items: await read(events), nextCursor };
    });
  };

  /** Newest first. */
  async function read(events: readonly Pick<EventOfPage, 'sequence'>[]): Promise<AuditEvent[]> {
    if (events.length === 0) return [];
    const sequences = events.map(({ sequence }) => sequence);
    const rows = kysely.selectFrom('audit_events').select(stored).where('sequence', 'in', sequences);
    return (await rows.orderBy('time_ms', 'desc').orderBy('sequence', 'desc').execute()).map(toEvent);
  }

  async function lastSequences(changeIds: readonly string[]): Promise<number[]> {
    if (changeIds.length === 0) return [];
    const outcomes = kysely
      .selectFrom('audit_events')
      .where('change_id', 'in', changeIds)
      .where('outcome', 'is not', null)
      .where('action', 'not in', ['createGrant', 'revokeGrant'])
      .where((eb) => eb.or([eb('action', 'not in', ['approve', 'reject']), eb('outcome', '!=', 'refused')]));
    const rows = await outcomes
      .groupBy('change_id')
      .select((eb) => eb.fn.max('sequence').as('sequence'))
      .execute();
    return rows.map(({ sequence }) => Number(sequence));
  }

  return {
    list,

    async *stream(filter, gone) {
      for (let after: Position | null | undefined; after !== null; ) {
        const page = await atTheEdge(() => pageOfEvents(kysely, filter, after ?? undefined, STREAM_BATCH));
        for (const events of inPieces(page.events)) {
          yield* await atTheEdge(() => read(events));
          // SQLite answers at once: let others run in between.
          await nextTurn();
          if (gone?.aborted) return;
        }
        if (page.events.length === 0) await nextTurn();
        if (gone?.aborted) return;
        after = page.next;
      }
    },

    find: (id) =>
      atTheEdge(async () => {
        const row = await kysely.selectFrom('audit_events').select(stored).where('id', '=', id).executeTakeFirst();
        return row === undefined ? null : toEvent(row);
      }),

    lastOf: (changeIds) => atTheEdge(async () => new Set(await lastSequences(changeIds))),
    endsOf: (changeIds) =>
      atTheEdge(async () => read((await lastSequences(changeIds)).map((sequence) => ({ sequence })))),

    lastOutcome: (secretArn) => atTheEdge(() => newestOutcome(kysely, secretArn)),
    appliedTo: (secretArn, before) => atTheEdge(() => appliedTo(kysely, secretArn, before)),

    eventsOfChange: (changeId) =>
      atTheEdge(async () => {
        const rows = kysely.selectFrom('audit_events').select(stored).where('change_id', '=', changeId);
        return (await rows.orderBy('sequence').execute()).map(toEvent);
      }),

    unfinishedIntents: () =>
      atTheEdge(async () => {
        const open = kysely
          .selectFrom('open_intents')
          .innerJoin('audit_events', 'audit_events.sequence', 'open_intents.sequence')
          .select(['audit_events.hash', 'audit_events.document']);
        return (await open.orderBy('open_intents.sequence').limit(MAX_UNFINISHED).execute()).map(toEvent);
      }),
  };
};

function* inPieces(events: readonly EventOfPage[]): Generator<EventOfPage[]> {
  let piece: EventOfPage[] = [];
  let bytes = 0;
  for (const event of events) {
    if (piece.length > 0 && bytes + event.bytes > STREAM_BYTES) {
      yield piece;
      piece = [];
      bytes = 0;
    }
    piece.push(event);
    bytes += event.bytes;
  }
  if (piece.length > 0) yield piece;
}

const readPosition = (text: string): Position | undefined => {
  const [, time, sequence] = /^(\d{1,15})\.(\d{1,15})$/.exec(text) ?? [];
  return time === undefined || sequence === undefined
    ? undefined
    : { time_ms: Number(time), sequence: Number(sequence) };
};

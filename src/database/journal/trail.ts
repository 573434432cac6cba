import { setImmediate as nextTurn } from 'node:timers/promises';
import type { AuditTrail } from '../../access/looks/audit-trail.ts';
import type { ChangeEvents } from '../../access/recover/change-events.ts';
import { openDocument } from '../../audit/chain.ts';
import type { AuditEvent } from '../../audit/event.ts';
import { fromCursor, toCursor } from '../../page.ts';
import type { Database } from '../database.ts';
import { atTheEdge } from '../errors.ts';
import type { Position } from './filter.ts';
import { appliedTo, lastOutcome } from './last-policy.ts';
import { pageOfEvents } from './page-of-events.ts';

const STREAM_BATCH = 500;
const MAX_UNFINISHED = 1_000;

const stored = ['hash', 'document'] as const;
type Stored = { hash: string; document: string };
const toEvent = ({ document, hash }: Stored): AuditEvent => openDocument(document, hash);

/** Reads the journal. Every page is bounded work and bounded bytes, whatever came before it and whatever is asked for. */
export const createTrail = ({ kysely }: Database): AuditTrail & ChangeEvents => {
  const list: AuditTrail['list'] = async (filter, { limit, cursor }) => {
    const after = cursor === undefined ? undefined : fromCursor(cursor, readPosition);
    return atTheEdge(async () => {
      const { sequences, next } = await pageOfEvents(kysely, filter, after, limit);
      const nextCursor = next === null ? null : toCursor(`${next.time_ms}.${next.sequence}`);
      if (sequences.length === 0) return { items: [], nextCursor };
      const rows = kysely.selectFrom('audit_events').select(stored).where('sequence', 'in', sequences);
      const found = await rows.orderBy('time_ms', 'desc').orderBy('sequence', 'desc').execute();
      return { items: found.map(toEvent), nextCursor };
    });
  };

  return {
    list,

    async *stream(filter, gone) {
      let page = await list(filter, { limit: STREAM_BATCH });
      yield* page.items;
      while (page.nextCursor !== null && gone?.aborted !== true) {
        // SQLite answers at once: let others run in between.
        await nextTurn();
        page = await list(filter, { limit: STREAM_BATCH, cursor: page.nextCursor });
        yield* page.items;
      }
    },

    find: (id) =>
      atTheEdge(async () => {
        const row = await kysely.selectFrom('audit_events').select(stored).where('id', '=', id).executeTakeFirst();
        return row === undefined ? null : toEvent(row);
      }),

    lastOf: (changeIds) =>
      atTheEdge(async () => {
        if (changeIds.length === 0) return new Set();
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
        return new Set(rows.map(({ sequence }) => Number(sequence)));
      }),

    lastOutcome: (secretArn) => atTheEdge(() => lastOutcome(kysely, secretArn)),
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

const readPosition = (text: string): Position | undefined => {
  const [, time, sequence] = /^(\d{1,15})\.(\d{1,15})$/.exec(text) ?? [];
  return time === undefined || sequence === undefined
    ? undefined
    : { time_ms: Number(time), sequence: Number(sequence) };
};

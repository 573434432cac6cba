import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Kysely } from 'kysely';
import type { AuditFilter } from '../../access/looks/audit-trail.ts';
import type { Schema } from '../schema.ts';
import { isOneRange, lookThrough, type Position } from './filter.ts';

/** Bytes of documents in one page, but for a single event that has more: read, shown and sent they are some times as much. */
const PAGE_BYTES = 1_048_576;
/** Events that one query looks through, and queries for one page. SQLite answers on the thread that everybody shares. */
const RANGE = 2_000;
const MOST_RANGES = 25;

/** Which events a page has, with the bytes of their documents; `next` is where it ended, null where nothing comes after it. */
type EventsOfPage = { events: EventOfPage[]; next: Position | null };
export type EventOfPage = { sequence: number; bytes: number };

/**
 * The next page, of bounded work: it may have fewer events than asked for, or none, although more come after it.
 * @param limit events at most
 */
export async function pageOfEvents(
  kysely: Kysely<Schema>,
  filter: AuditFilter,
  after: Position | undefined,
  limit: number,
): Promise<EventsOfPage> {
  const events: EventOfPage[] = [];
  const most = isOneRange(filter) ? limit + 1 : RANGE;
  let bytes = 0;
  let reached = after;
  for (let ranges = 0; ranges < MOST_RANGES; ranges += 1) {
    if (ranges > 0) await nextTurn();
    const seen = await lookThrough(kysely, filter, reached, most);
    for (const event of seen) {
      if (event.passes) {
        const isFull = events.length === limit || bytes + event.bytes > PAGE_BYTES;
        if (isFull && events.length > 0) return { events, next: reached ?? null };
        events.push({ sequence: event.sequence, bytes: event.bytes });
        bytes += event.bytes;
      }
      reached = { time_ms: event.time_ms, sequence: event.sequence };
    }
    if (seen.length < most) return { events, next: null };
  }
  return { events, next: reached ?? null };
}

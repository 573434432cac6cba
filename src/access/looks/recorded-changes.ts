import type { AuditEvent } from '../../audit/event.ts';
import { type RecordedChange, toRecordedChange } from '../../audit/recorded-change.ts';
import { changeNamed, wentBackBefore } from '../../audit/words.ts';
import type { Page, PageRequest } from '../../page.ts';
import type { Identity } from '../identity.ts';
import type { AuditFilter, AuditTrail } from './audit-trail.ts';
import type { VisibleEvents } from './visible-events.ts';

/**
 * The journal change by change: each once, at the time of its last outcome. What is not over yet, and steps of a change
 * besides, only the events show. Each method @throws DomainError forbidden, audit-unavailable
 */
export type RecordedChanges = {
  /** A page may hold fewer than `limit`. */
  list(identity: Identity, filter: AuditFilter, page: PageRequest): Promise<Page<RecordedChange>>;
  /** It ends once it is `gone`. */
  stream(identity: Identity, filter: AuditFilter, gone: AbortSignal): AsyncIterable<RecordedChange>;
};

/** Events of which a stream finds the changes at once; with two full policies each, a megabyte. */
const BATCH = 25;

export function createRecordedChanges({
  trail,
  events,
}: {
  trail: Pick<AuditTrail, 'lastOf' | 'endsOf'>;
  events: Pick<VisibleEvents, 'list' | 'stream'>;
}): RecordedChanges {
  async function changesOf(some: readonly AuditEvent[]): Promise<RecordedChange[]> {
    const last = await trail.lastOf([...new Set(some.map(({ changeId }) => changeId))]);
    const changes = some.filter(({ sequence }) => last.has(sequence));
    const ends = await endsBefore(changes);
    return changes.map((event) => {
      const before = ends.get(wentBackBefore(event) ?? '');
      // What another secret's change was is not told: whoever sees this event may not see that one.
      return before?.secret.arn === event.secret.arn
        ? toRecordedChange(event, () => changeNamed(before))
        : toRecordedChange(event);
    });
  }

  /** By their ids, the changes that some went back to before. */
  async function endsBefore(changes: readonly AuditEvent[]): Promise<ReadonlyMap<string, AuditEvent>> {
    const ids = new Set(changes.flatMap((event) => wentBackBefore(event) ?? []));
    const ends = ids.size === 0 ? [] : await trail.endsOf([...ids]);
    return new Map(ends.map((event) => [event.changeId, event]));
  }

  async function* inBatches(all: AsyncIterable<AuditEvent>): AsyncGenerator<RecordedChange> {
    let batch: AuditEvent[] = [];
    for await (const event of all) {
      batch.push(event);
      if (batch.length < BATCH) continue;
      yield* await changesOf(batch);
      batch = [];
    }
    yield* await changesOf(batch);
  }

  return {
    async list(identity, filter, page) {
      const { items, nextCursor } = await events.list(identity, outcomes(filter), page);
      return { items: await changesOf(items), nextCursor };
    },
    // Not a generator itself: who may not read is told so before the answer begins.
    stream: (identity, filter, gone) => inBatches(events.stream(identity, outcomes(filter), gone)),
  };
}

const outcomes = (filter: AuditFilter): AuditFilter => ({ ...filter, phase: 'outcome' });

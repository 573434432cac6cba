import type { Transaction } from 'kysely';
import type { Database } from '../database/database.ts';
import type { Schema } from '../database/schema.ts';
import { type ChainHead, seal } from './chain.ts';
import { rowOf } from './columns.ts';
import type { AuditEvent, EventDraft } from './event.ts';

/** Rows or keys in one statement: below every limit on parameters (SQLite 32,766) and on the depth of an OR (1,000). */
const PER_STATEMENT = 200;

/**
 * Appends several requests' drafts in one transaction, each request's wholly or not at all. The head of the chain is
 * locked from the first statement to the commit, so that replicas append one after another, without a gap.
 */
export const appendInOneTransaction = (
  database: Database,
  clock: () => Date,
  requests: readonly (readonly EventDraft[])[],
): Promise<PromiseSettledResult<AuditEvent[]>[]> =>
  database.kysely.transaction().execute(async (trx) => {
    const head = await lockHead(trx, database.kind);
    const { results, rows, end } = linkAll(requests, head, clock());
    for (const some of chunks(rows, PER_STATEMENT)) await trx.insertInto('audit_events').values(some).execute();
    if (end.sequence > head.sequence) await trx.updateTable('audit_chain').set(end).execute();

    const events = results.flatMap((result) => (result.status === 'fulfilled' ? result.value : []));
    await openIntents(
      trx,
      events.filter(({ phase }) => phase === 'intent'),
    );
    await closeIntents(
      trx,
      events.filter(({ phase }) => phase === 'outcome'),
    );
    return results;
  });

const lockHead = (trx: Transaction<Schema>, kind: Database['kind']): Promise<ChainHead> =>
  trx
    .selectFrom('audit_chain')
    .select(['sequence', 'hash'])
    // SQLite's transaction holds the lock on the whole file from its beginning.
    .$if(kind === 'postgres', (query) => query.forUpdate())
    .executeTakeFirstOrThrow();

/** A request that cannot be sealed fails alone and takes no link. */
const linkAll = (requests: readonly (readonly EventDraft[])[], start: ChainHead, time: Date) => {
  const rows: ReturnType<typeof rowOf>[] = [];
  let end = start;
  const results = requests.map((drafts): PromiseSettledResult<AuditEvent[]> => {
    try {
      let head = end;
      const sealed = drafts.map((draft) => {
        const link = seal(draft, head, time);
        head = { sequence: link.event.sequence, hash: link.event.hash };
        return { event: link.event, row: rowOf(link) };
      });
      rows.push(...sealed.map(({ row }) => row));
      end = head;
      return { status: 'fulfilled', value: sealed.map(({ event }) => event) };
    } catch (reason) {
      return { status: 'rejected', reason };
    }
  });
  return { results, rows, end };
};

const openIntents = async (trx: Transaction<Schema>, intents: AuditEvent[]): Promise<void> => {
  const rows = intents.map(({ sequence, changeId, action, secret, time }) => ({
    sequence,
    change_id: changeId,
    action,
    secret_arn: secret.arn,
    time_ms: Date.parse(time),
  }));
  for (const some of chunks(rows, PER_STATEMENT)) await trx.insertInto('open_intents').values(some).execute();
};

/** Each outcome closes the oldest open intent of its change and action; an outcome that had no intent closes none. */
const closeIntents = async (trx: Transaction<Schema>, outcomes: AuditEvent[]): Promise<void> => {
  const keyOf = (event: AuditEvent) => `${event.changeId} ${event.action}`;
  for (let pending = outcomes; pending.length > 0; ) {
    const oneOfEach = new Map(pending.map((event) => [keyOf(event), event]));
    for (const some of chunks([...oneOfEach.values()], PER_STATEMENT)) {
      await trx
        .deleteFrom('open_intents')
        .where('sequence', 'in', (query) =>
          query
            .selectFrom('open_intents')
            .select((eb) => eb.fn.min('sequence').as('sequence'))
            .where((eb) => eb.or(some.map(({ changeId, action }) => eb.and({ change_id: changeId, action }))))
            .groupBy(['change_id', 'action']),
        )
        .execute();
    }
    pending = pending.filter((event) => oneOfEach.get(keyOf(event)) !== event);
  }
};

const chunks = <T>(items: readonly T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(items.length / size) }, (_, index) => items.slice(index * size, (index + 1) * size));

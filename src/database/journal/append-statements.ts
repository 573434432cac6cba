import type { Transaction } from 'kysely';
import type { ChainHead } from '../../audit/chain.ts';
import type { AuditEvent, EventDraft } from '../../audit/event.ts';
import type { DatabaseKind } from '../database.ts';
import { prepared } from '../prepared.ts';
import type { AuditEventRow, OpenIntentRow, Schema } from '../schema.ts';

/** Rows or keys in one statement: below every limit on parameters (SQLite 32,766) and on the depth of an OR (1,000). */
const PER_STATEMENT = 200;

const selectHead = (locks: boolean) =>
  prepared<object>()((kysely) =>
    kysely
      .selectFrom('audit_chain')
      .select(['sequence', 'hash'])
      .$if(locks, (query) => query.forUpdate()),
  );
// SQLite's transaction holds the lock on the whole file from its beginning.
const headOf = { sqlite: selectHead(false), postgres: selectHead(true) };

/** The end of the chain, locked until the transaction ends. */
export const lockHead = async (trx: Transaction<Schema>, kind: DatabaseKind): Promise<ChainHead> => {
  const [head] = await headOf[kind](trx, {});
  if (head === undefined) throw new Error('The chain has no head: audit_chain is empty.');
  return head;
};

export const moveHead = prepared<ChainHead>()((kysely, value) =>
  kysely.updateTable('audit_chain').set({ sequence: value('sequence'), hash: value('hash') }),
);

const chunks = <T>(items: readonly T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(items.length / size) }, (_, index) => items.slice(index * size, (index + 1) * size));

/** Most appends are of one event: that one's statement is prepared, those of several are built for their number. */
const oneOrChunks =
  <Row>(
    one: (trx: Transaction<Schema>, row: Row) => Promise<unknown>,
    some: (trx: Transaction<Schema>, rows: readonly Row[]) => Promise<unknown>,
  ) =>
  async (trx: Transaction<Schema>, rows: readonly Row[]): Promise<void> => {
    const [first] = rows;
    if (first !== undefined && rows.length === 1) await one(trx, first);
    else for (const chunk of chunks(rows, PER_STATEMENT)) await some(trx, chunk);
  };

/** A nullable column that is forgotten would be null without a word, and the verification would say that it was changed. */
type EveryColumn = { [name in keyof AuditEventRow]: unknown };

export const insertEvents = oneOrChunks<AuditEventRow>(
  prepared<AuditEventRow>()((kysely, value) =>
    kysely.insertInto('audit_events').values({
      sequence: value('sequence'),
      id: value('id'),
      time_ms: value('time_ms'),
      change_id: value('change_id'),
      actor: value('actor'),
      action: value('action'),
      outcome: value('outcome'),
      secret_arn: value('secret_arn'),
      secret_name: value('secret_name'),
      hash: value('hash'),
      document: value('document'),
    } satisfies EveryColumn),
  ),
  (trx, rows) => trx.insertInto('audit_events').values(rows).execute(),
);

export const insertIntents = oneOrChunks<OpenIntentRow>(
  prepared<OpenIntentRow>()((kysely, value) =>
    kysely.insertInto('open_intents').values({
      sequence: value('sequence'),
      change_id: value('change_id'),
      action: value('action'),
      secret_arn: value('secret_arn'),
      time_ms: value('time_ms'),
    }),
  ),
  (trx, rows) => trx.insertInto('open_intents').values(rows).execute(),
);

const selectOpen = prepared<Pick<EventDraft, 'changeId'>>()((kysely, value) =>
  kysely.selectFrom('open_intents').select(['change_id', 'action']).where('change_id', '=', value('changeId')),
);

/** The intents of some changes that are open. */
export const openOf = async (
  trx: Transaction<Schema>,
  changes: readonly Pick<EventDraft, 'changeId'>[],
): Promise<Pick<OpenIntentRow, 'change_id' | 'action'>[]> => {
  const [first] = changes;
  if (first === undefined) return [];
  if (changes.length === 1) return selectOpen(trx, first);
  const found = chunks([...new Set(changes.map(({ changeId }) => changeId))], PER_STATEMENT).map((ids) =>
    trx.selectFrom('open_intents').select(['change_id', 'action']).where('change_id', 'in', ids).execute(),
  );
  return (await Promise.all(found)).flat();
};

/** Closes the oldest open intent of each outcome's change and action. */
export const closeOldest = oneOrChunks<AuditEvent>(
  prepared<AuditEvent>()((kysely, value) =>
    kysely.deleteFrom('open_intents').where('sequence', '=', (query) =>
      query
        .selectFrom('open_intents')
        .select((eb) => eb.fn.min('sequence').as('sequence'))
        .where('change_id', '=', value('changeId'))
        .where('action', '=', value('action')),
    ),
  ),
  (trx, outcomes) =>
    trx
      .deleteFrom('open_intents')
      .where('sequence', 'in', (query) =>
        query
          .selectFrom('open_intents')
          .select((eb) => eb.fn.min('sequence').as('sequence'))
          .where((eb) => eb.or(outcomes.map(({ changeId, action }) => eb.and({ change_id: changeId, action }))))
          .groupBy(['change_id', 'action']),
      )
      .execute(),
);

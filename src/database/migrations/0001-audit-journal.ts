import { type Kysely, sql } from 'kysely';
import type { DatabaseKind } from '../database.ts';
import { guardPostgres, guardSqlite } from './append-only.ts';

const START = '0'.repeat(64);

/**
 * The journal. Each filter of the API has an index that ends in (time, sequence), the order of a listing, so that a
 * page costs the same whatever came before it.
 */
export const auditJournal = async (db: Kysely<unknown>, kind: DatabaseKind): Promise<void> => {
  await db.schema
    .createTable('audit_events')
    .addColumn('sequence', kind === 'sqlite' ? 'integer' : 'bigint', (column) => column.primaryKey())
    .addColumn('id', 'text', (column) => column.notNull())
    .addColumn('time_ms', 'bigint', (column) => column.notNull())
    .addColumn('change_id', 'text', (column) => column.notNull())
    .addColumn('actor', 'text', (column) => column.notNull())
    .addColumn('action', 'text', (column) => column.notNull())
    .addColumn('outcome', 'text')
    .addColumn('secret_arn', 'text')
    .addColumn('secret_name', 'text', (column) => column.notNull())
    .addColumn('hash', 'text', (column) => column.notNull())
    .addColumn('document', 'text', (column) => column.notNull())
    .execute();
  await db.schema.createIndex('audit_events_id').unique().on('audit_events').column('id').execute();
  await db.schema.createIndex('audit_events_time').on('audit_events').columns(['time_ms', 'sequence']).execute();
  for (const filter of ['secret_arn', 'secret_name', 'actor', 'action', 'outcome', 'change_id']) {
    const columns = [filter, 'time_ms', 'sequence'];
    await db.schema.createIndex(`audit_events_${filter}`).on('audit_events').columns(columns).execute();
  }
  // What the last change of a secret left: by the chain's order, not by the clocks of several replicas.
  await sql`create index audit_events_last_outcome on audit_events (secret_arn, sequence) where outcome is not null`.execute(
    db,
  );

  await db.schema
    .createTable('audit_chain')
    .addColumn('id', 'integer', (column) => column.primaryKey().check(sql`id = 1`))
    .addColumn('sequence', 'bigint', (column) => column.notNull())
    .addColumn('hash', 'text', (column) => column.notNull())
    .addColumn('archived_sequence', 'bigint', (column) => column.notNull())
    .addColumn('archived_hash', 'text', (column) => column.notNull())
    .execute();
  await sql`insert into audit_chain values (1, 0, ${START}, 0, ${START})`.execute(db);

  await db.schema
    .createTable('open_intents')
    .addColumn('sequence', kind === 'sqlite' ? 'integer' : 'bigint', (column) => column.primaryKey())
    .addColumn('change_id', 'text', (column) => column.notNull())
    .addColumn('action', 'text', (column) => column.notNull())
    .addColumn('secret_arn', 'text')
    .addColumn('time_ms', 'bigint', (column) => column.notNull())
    .execute();
  await db.schema.createIndex('open_intents_change').on('open_intents').columns(['change_id', 'action']).execute();
  await db.schema.createIndex('open_intents_secret').on('open_intents').column('secret_arn').execute();

  await db.schema
    .createTable('audit_checkpoints')
    .addColumn('sequence', kind === 'sqlite' ? 'integer' : 'bigint', (column) => column.primaryKey())
    .addColumn('hash', 'text', (column) => column.notNull())
    .addColumn('time', 'text', (column) => column.notNull())
    .addColumn('key_id', 'text', (column) => column.notNull())
    .addColumn('signature', 'text', (column) => column.notNull())
    .execute();

  await (kind === 'sqlite' ? guardSqlite(db) : guardPostgres(db));
};

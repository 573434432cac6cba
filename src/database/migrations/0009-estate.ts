import { type Kysely, sql } from 'kysely';
import type { DatabaseKind } from '../database.ts';

/** What was last seen of all secrets (src/estate): a cache, which a survey makes anew. */
export const estate = async (db: Kysely<unknown>, kind: DatabaseKind): Promise<void> => {
  const integer = kind === 'sqlite' ? 'integer' : 'bigint';
  await db.schema
    .createTable('estate_places')
    .addColumn('account', 'text', (column) => column.notNull())
    .addColumn('region', 'text', (column) => column.notNull())
    .addColumn('due_at', integer, (column) => column.notNull())
    .addColumn('started_at', integer)
    .addColumn('next_page', 'text')
    .addColumn('finished_at', integer)
    .addColumn('secrets', 'integer', (column) => column.notNull())
    .addColumn('failed_at', integer)
    .addColumn('problem', 'text')
    .addColumn('owner', 'text')
    .addColumn('lease_until', integer)
    .addPrimaryKeyConstraint('estate_places_key', ['account', 'region'])
    .execute();
  await db.schema
    .createTable('estate_secrets')
    .addColumn('arn', 'text', (column) => column.primaryKey())
    .addColumn('account', 'text', (column) => column.notNull())
    .addColumn('region', 'text', (column) => column.notNull())
    .addColumn('secret', 'text', (column) => column.notNull())
    .addColumn('policy', 'text')
    .addColumn('exposure', 'text')
    .addColumn('readers', 'integer', (column) => column.notNull())
    .addColumn('denials', 'integer', (column) => column.notNull())
    .addColumn('problem', 'text')
    .addColumn('seen_at', integer, (column) => column.notNull())
    .addColumn('looked_at', integer, (column) => column.notNull())
    .execute();
  const index = (name: string, table: string, columns: string[]) =>
    db.schema.createIndex(name).on(table).columns(columns).execute();
  await index('estate_secrets_place', 'estate_secrets', ['account', 'region', 'arn']);
  await index('estate_secrets_exposure', 'estate_secrets', ['exposure', 'arn']);
  await index('estate_secrets_looked', 'estate_secrets', ['looked_at']);
  await sql`create index estate_secrets_problem on estate_secrets (arn) where problem is not null`.execute(db);
  await db.schema
    .createTable('estate_edges')
    .addColumn('arn', 'text', (column) => column.notNull())
    .addColumn('principal', 'text', (column) => column.notNull())
    .addColumn('account', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('estate_edges_key', ['arn', 'principal'])
    .execute();
  await index('estate_edges_principal', 'estate_edges', ['principal', 'arn']);
  await index('estate_edges_account', 'estate_edges', ['account', 'arn']);
};

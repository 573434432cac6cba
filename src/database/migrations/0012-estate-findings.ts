import type { Kysely } from 'kysely';
import type { DatabaseKind } from '../database.ts';

/** What is wrong with secrets of the estate, as last seen. */
export const estateFindings = async (db: Kysely<unknown>, kind: DatabaseKind): Promise<void> => {
  await db.schema
    .createTable('estate_findings')
    .addColumn('arn', 'text', (column) => column.notNull())
    .addColumn('kind', 'text', (column) => column.notNull())
    .addColumn('severity', 'text', (column) => column.notNull())
    .addColumn('since', kind === 'sqlite' ? 'integer' : 'bigint', (column) => column.notNull())
    .addColumn('detail', 'text', (column) => column.notNull())
    .addColumn('mend', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('estate_findings_key', ['arn', 'kind'])
    .execute();
  await db.schema.alterTable('estate_secrets').addColumn('findings', 'text').execute();
  await db.schema.createIndex('estate_findings_kind').on('estate_findings').columns(['kind', 'arn']).execute();
};

import type { Kysely } from 'kysely';

/** Changes whose key grants are not done yet, by what is kept of them in the journal. */
export const grantsDue = async (db: Kysely<unknown>): Promise<void> => {
  await db.schema
    .createTable('grants_due')
    .addColumn('change_id', 'text', (column) => column.primaryKey())
    .addColumn('secret_arn', 'text', (column) => column.notNull())
    .addColumn('noted_at', 'bigint', (column) => column.notNull())
    .execute();
  await db.schema.createIndex('grants_due_noted_at').on('grants_due').column('noted_at').execute();
};

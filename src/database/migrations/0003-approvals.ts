import { type Kysely, sql } from 'kysely';

/** Changes that wait, or waited, for a second person. */
export const approvals = async (db: Kysely<unknown>): Promise<void> => {
  await db.schema
    .createTable('approvals')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('status', 'text', (column) => column.notNull())
    .addColumn('expires_at', 'bigint', (column) => column.notNull())
    .addColumn('request', 'text', (column) => column.notNull())
    .addColumn('decision', 'text')
    .addColumn('problem', 'text')
    .addColumn('owner', 'text')
    .addColumn('lease_until', 'bigint')
    .execute();
  await db.schema.createIndex('approvals_status').on('approvals').columns(['status', 'id']).execute();
  await sql`create index approvals_expiry on approvals (expires_at) where status = 'pending'`.execute(db);
  await sql`create index approvals_left on approvals (lease_until) where lease_until is not null`.execute(db);
};

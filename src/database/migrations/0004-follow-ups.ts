import type { Kysely } from 'kysely';

/** What the policies themselves can't tell: when to look at a secret again, and since when a principal is gone. */
export const followUps = async (db: Kysely<unknown>): Promise<void> => {
  await db.schema
    .createTable('expiries')
    .addColumn('secret_arn', 'text', (column) => column.notNull())
    .addColumn('expires_at', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('expiries_key', ['expires_at', 'secret_arn'])
    .execute();
  await db.schema
    .createTable('orphans')
    .addColumn('secret_arn', 'text', (column) => column.notNull())
    .addColumn('entry_id', 'text', (column) => column.notNull())
    .addColumn('first_seen', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('orphans_key', ['secret_arn', 'entry_id'])
    .execute();
};

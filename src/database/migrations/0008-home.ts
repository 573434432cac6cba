import { type Kysely, sql } from 'kysely';

/** Where the database was when a service last started on it (home.ts). */
export const home = async (db: Kysely<unknown>): Promise<void> => {
  await db.schema
    .createTable('journal_home')
    .addColumn('id', 'integer', (column) => column.primaryKey().check(sql`id = 1`))
    .addColumn('identity', 'text', (column) => column.notNull())
    .execute();
};

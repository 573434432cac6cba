import { type Kysely, sql } from 'kysely';

/** Which incident an operation is of; null for most. */
export const incidents = async (db: Kysely<unknown>): Promise<void> => {
  await db.schema.alterTable('operations').addColumn('incident', 'text').execute();
  await sql`create index operations_incident on operations (incident, id) where incident is not null`.execute(db);
};

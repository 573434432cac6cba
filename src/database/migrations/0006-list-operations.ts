import { type Kysely, sql } from 'kysely';

/**
 * Bulk operations by who asked for them, newest first, and their counts without reading the items. Operations that a
 * replica of the version before begins meanwhile say nothing in the new column: lists look into what was asked.
 */
export const listOperations = async (db: Kysely<unknown>): Promise<void> => {
  await db.schema.alterTable('operations').addColumn('requester', 'text').execute();
  // Not in SQL: PostgreSQL reads no JSON that holds \u0000 somewhere, as a reason may.
  const { rows } = await sql<{ id: string; request: string }>`select id, request from operations`.execute(db);
  for (const { id, request } of rows) {
    const { method, issuer, subject } = JSON.parse(request).requester.identity;
    const requester = JSON.stringify([method, issuer, subject]);
    await sql`update operations set requester = ${requester} where id = ${id}`.execute(db);
  }
  await db.schema.createIndex('operations_requester').on('operations').columns(['requester', 'id']).execute();
  await db.schema
    .createIndex('operation_items_status')
    .on('operation_items')
    .columns(['operation_id', 'status'])
    .execute();
};

import { type Kysely, sql } from 'kysely';
import type { DatabaseKind } from '../database.ts';

/**
 * Bulk operations by who asked for them, newest first, and their counts without reading the items. The column follows
 * from what was asked, so that it is there for the operations of before too, and for those of replicas of that version.
 */
export const listOperations = async (db: Kysely<unknown>, kind: DatabaseKind): Promise<void> => {
  const part = (name: string) =>
    sql`coalesce(${
      kind === 'sqlite'
        ? sql`json_extract(request, ${sql.lit(`$.requester.identity.${name}`)})`
        : sql`request::jsonb #>> ${sql.lit(`{requester,identity,${name}}`)}`
    }, '')`;
  // The subject comes last: neither of the others has a space in it.
  const requester = sql`${part('method')} || ' ' || ${part('issuer')} || ' ' || ${part('subject')}`;
  // SQLite adds no stored column to a table that is there; in an index a virtual one is as good.
  const kept = sql.raw(kind === 'sqlite' ? 'virtual' : 'stored');
  await sql`alter table operations add column requester text generated always as (${requester}) ${kept}`.execute(db);
  await db.schema.createIndex('operations_requester').on('operations').columns(['requester', 'id']).execute();
  await db.schema
    .createIndex('operation_items_status')
    .on('operation_items')
    .columns(['operation_id', 'status'])
    .execute();
};

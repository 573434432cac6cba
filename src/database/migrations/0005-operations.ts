import type { Kysely } from 'kysely';
import type { DatabaseKind } from '../database.ts';

export const operations = async (db: Kysely<unknown>, kind: DatabaseKind): Promise<void> => {
  const integer = kind === 'sqlite' ? 'integer' : 'bigint';
  await db.schema
    .createTable('operations')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('action', 'text', (column) => column.notNull())
    .addColumn('status', 'text', (column) => column.notNull())
    .addColumn('request', 'text', (column) => column.notNull())
    .addColumn('created_at', integer, (column) => column.notNull())
    .addColumn('finished_at', integer)
    .addColumn('owner', 'text')
    .addColumn('lease_until', integer, (column) => column.notNull())
    .execute();
  await db.schema.createIndex('operations_work').on('operations').columns(['status', 'lease_until']).execute();
  await db.schema
    .createTable('operation_items')
    .addColumn('operation_id', 'text', (column) => column.notNull())
    .addColumn('position', 'integer', (column) => column.notNull())
    .addColumn('status', 'text', (column) => column.notNull())
    .addColumn('secret_id', 'text', (column) => column.notNull())
    .addColumn('request', 'text', (column) => column.notNull())
    .addColumn('change_id', 'text')
    .addColumn('result', 'text')
    .addPrimaryKeyConstraint('operation_items_key', ['operation_id', 'position'])
    .execute();
};

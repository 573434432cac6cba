import type { Kysely } from 'kysely';
import type { DatabaseKind } from '../database.ts';

/** Keys as a survey saw them; and the secrets of an account by ARN, as lists go on. */
export const estateKeys = async (db: Kysely<unknown>, kind: DatabaseKind): Promise<void> => {
  await db.schema
    .createTable('estate_keys')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('facts', 'text', (column) => column.notNull())
    .addColumn('looked_at', kind === 'sqlite' ? 'integer' : 'bigint', (column) => column.notNull())
    .execute();
  await db.schema.createIndex('estate_secrets_account').on('estate_secrets').columns(['account', 'arn']).execute();
};

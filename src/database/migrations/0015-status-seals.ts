import type { Kysely } from 'kysely';

/** Says that this service recorded how an item ended; null where a version before this one did. */
export const statusSeals = async (db: Kysely<unknown>): Promise<void> => {
  await db.schema.alterTable('operation_items').addColumn('status_seal', 'text').execute();
};

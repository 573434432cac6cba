import type { Kysely } from 'kysely';

/**
 * What is stored and acted on later says that this service stored it. What is there already can't say so, nor can what
 * replicas of the version before add meanwhile: it is refused, and has to be asked for again.
 */
export const seals = async (db: Kysely<unknown>): Promise<void> => {
  for (const table of ['operation_items', 'idempotency_keys']) {
    await db.schema.alterTable(table).addColumn('seal', 'text').execute();
  }
};

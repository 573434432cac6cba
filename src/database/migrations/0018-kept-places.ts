import type { Kysely } from 'kysely';
import type { DatabaseKind } from '../database.ts';

/** When a process last had the place in its list; null where only a version before this one had. */
export const keptPlaces = async (db: Kysely<unknown>, kind: DatabaseKind): Promise<void> => {
  const integer = kind === 'sqlite' ? 'integer' : 'bigint';
  await db.schema.alterTable('estate_places').addColumn('kept_at', integer).execute();
};

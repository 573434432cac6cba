import type { Kysely } from 'kysely';

/** Under which keys the versions of a secret are, as a survey saw it; null where none did. */
export const versionKeys = async (db: Kysely<unknown>): Promise<void> => {
  await db.schema.alterTable('estate_secrets').addColumn('versions', 'text').execute();
};

import type { Kysely } from 'kysely';

/** Change events name a key by its ARN, secrets as they like; null where a version before this one looked at it. */
export const keyArns = async (db: Kysely<unknown>): Promise<void> => {
  await db.schema.alterTable('estate_keys').addColumn('arn', 'text').execute();
  await db.schema.createIndex('estate_keys_arn').on('estate_keys').column('arn').execute();
};

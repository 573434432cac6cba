import { type Kysely, sql } from 'kysely';
import type { DatabaseKind } from '../database.ts';

/**
 * The secrets under a key, and those of a name, by an index each. What a version before this one still writes beside it is
 * under its key with its next look.
 */
export const estateLookUps = async (db: Kysely<unknown>, kind: DatabaseKind): Promise<void> => {
  await db.schema
    .createTable('estate_secret_keys')
    .addColumn('key', 'text', (column) => column.notNull())
    .addColumn('arn', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('estate_secret_keys_key', ['key', 'arn'])
    .execute();
  await db.schema.createIndex('estate_secret_keys_arn').on('estate_secret_keys').column('arn').execute();
  await sql`create index estate_secrets_named on estate_secrets (substr(arn, 1, length(arn) - 7))`.execute(db);
  const { key, replicas, region, replicaKey } = json[kind];
  await sql`
    insert into estate_secret_keys (key, arn)
    select account || '/' || region || '/' || ${key}, arn from estate_secrets where ${key} is not null
    union
    select account || '/' || ${region} || '/' || ${replicaKey}, arn
    from estate_secrets, ${replicas} where ${replicaKey} is not null`.execute(db);
};

const json = {
  sqlite: {
    key: sql`json_extract(secret, '$.kmsKeyId')`,
    replicas: sql`json_each(secret, '$.replicas') as replica`,
    region: sql`json_extract(replica.value, '$.region')`,
    replicaKey: sql`json_extract(replica.value, '$.kmsKeyId')`,
  },
  // It reads no JSON with \u0000, which a description may hold.
  postgres: {
    key: sql`(replace(secret, '\\u0000', '\\u0001')::json ->> 'kmsKeyId')`,
    replicas: sql`json_array_elements(replace(secret, '\\u0000', '\\u0001')::json -> 'replicas') as replica (value)`,
    region: sql`(replica.value ->> 'region')`,
    replicaKey: sql`(replica.value ->> 'kmsKeyId')`,
  },
};

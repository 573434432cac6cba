import type { Kysely } from 'kysely';
import type { Schema } from '../schema.ts';

/** Secrets with all that is known of them, but for what people said: no survey finds that again. @param arns not empty; databases bound the parameters of a statement */
export const forgetSecrets = (kysely: Kysely<Schema>, arns: readonly string[]): Promise<void> =>
  kysely.transaction().execute(async (trx) => {
    await trx.deleteFrom('estate_edges').where('arn', 'in', arns).execute();
    await trx.deleteFrom('estate_secret_keys').where('arn', 'in', arns).execute();
    await trx.deleteFrom('estate_findings').where('arn', 'in', arns).execute();
    await trx.deleteFrom('estate_secrets').where('arn', 'in', arns).execute();
  });

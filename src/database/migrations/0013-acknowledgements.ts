import { type Kysely, sql } from 'kysely';
import { sha256 } from '../../hash.ts';
import type { DatabaseKind } from '../database.ts';

/**
 * What people said of findings: no part of the cache, since no survey finds it again. Findings are asked for by their id,
 * which those that were found before get here.
 */
export const acknowledgements = async (db: Kysely<unknown>, kind: DatabaseKind): Promise<void> => {
  await db.schema
    .createTable('acknowledgements')
    .addColumn('arn', 'text', (column) => column.notNull())
    .addColumn('kind', 'text', (column) => column.notNull())
    .addColumn('about', 'text', (column) => column.notNull())
    .addColumn('said', 'text', (column) => column.notNull())
    .addColumn('until', kind === 'sqlite' ? 'integer' : 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('acknowledgements_key', ['arn', 'kind'])
    .execute();
  for (const column of ['id', 'about']) {
    await db.schema
      .alterTable('estate_findings')
      .addColumn(column, 'text', (text) => text.notNull().defaultTo(''))
      .execute();
  }
  const { rows } = await sql<{ arn: string; kind: string }>`select arn, kind from estate_findings`.execute(db);
  for (const { arn, kind: what } of rows) {
    const id = sha256(`${arn} ${what}`).slice(0, 24);
    await sql`update estate_findings set id = ${id} where arn = ${arn} and kind = ${what}`.execute(db);
  }
  await db.schema.createIndex('estate_findings_id').on('estate_findings').columns(['id']).execute();
};

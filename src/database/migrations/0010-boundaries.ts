import { type Kysely, sql } from 'kysely';
import type { DatabaseKind } from '../database.ts';

/** What says, signed, up to where events were archived. A replica of the version before neither reads nor writes it. */
export const boundaries = async (db: Kysely<unknown>, kind: DatabaseKind): Promise<void> => {
  await db.schema
    .createTable('audit_boundaries')
    .addColumn('sequence', kind === 'sqlite' ? 'integer' : 'bigint', (column) => column.primaryKey())
    .addColumn('hash', 'text', (column) => column.notNull())
    .addColumn('time', 'text', (column) => column.notNull())
    .addColumn('key_id', 'text', (column) => column.notNull())
    .addColumn('signature', 'text', (column) => column.notNull())
    .execute();
  for (const trigger of kind === 'sqlite' ? SQLITE : POSTGRES) await sql.raw(trigger).execute(db);
};

const SQLITE = ['update', 'delete'].map(
  (what) => `create trigger audit_boundaries_no_${what} before ${what} on audit_boundaries
    begin select raise(abort, 'audit boundaries are append-only'); end`,
);

const POSTGRES = [
  `create trigger audit_boundaries_no_change before update or delete on audit_boundaries
    for each row execute function audit_refuse()`,
  `create trigger audit_boundaries_no_truncate before truncate on audit_boundaries
    for each statement execute function audit_refuse()`,
];

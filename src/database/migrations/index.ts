import { DEFAULT_MIGRATION_TABLE, type Kysely, Migrator, sql } from 'kysely';
import type { DatabaseKind } from '../database.ts';
import { auditUnavailable } from '../errors.ts';
import { auditJournal } from './0001-audit-journal.ts';
import { idempotencyKeys } from './0002-idempotency-keys.ts';
import { approvals } from './0003-approvals.ts';
import { followUps } from './0004-follow-ups.ts';
import { operations } from './0005-operations.ts';
import { listOperations } from './0006-list-operations.ts';
import { seals } from './0007-seals.ts';
import { home } from './0008-home.ts';
import { estate } from './0009-estate.ts';
import { boundaries } from './0010-boundaries.ts';
import { estateKeys } from './0011-estate-keys.ts';
import { estateFindings } from './0012-estate-findings.ts';
import { acknowledgements } from './0013-acknowledgements.ts';
import { incidents } from './0014-incidents.ts';
import { statusSeals } from './0015-status-seals.ts';
import { keyArns } from './0016-key-arns.ts';
import { estateLookUps } from './0017-estate-look-ups.ts';
import { keptPlaces } from './0018-kept-places.ts';
import { grantsDue } from './0019-grants-due.ts';
import { versionKeys } from './0020-version-keys.ts';

/** One step of the schema. It may look at no table's type: the schema it meets is the one of its day. */
type SchemaStep = (db: Kysely<unknown>, kind: DatabaseKind) => Promise<void>;

/**
 * In order; names are recorded in the database, so neither name nor content ever changes. Add at the end. What only adds ends
 * with `.beside-NNNN`: versions that know no step beyond that one work on what it made, and can be gone back to.
 */
export const steps: Record<string, SchemaStep> = {
  '0001-audit-journal': auditJournal,
  '0002-idempotency-keys': idempotencyKeys,
  '0003-approvals': approvals,
  '0004-follow-ups': followUps,
  '0005-operations': operations,
  '0006-list-operations': listOperations,
  '0007-seals': seals,
  '0008-home': home,
  '0009-estate': estate,
  '0010-boundaries': boundaries,
  '0011-estate-keys': estateKeys,
  '0012-estate-findings': estateFindings,
  '0013-acknowledgements': acknowledgements,
  '0014-incidents': incidents,
  '0015-status-seals.beside-0014': statusSeals,
  '0016-key-arns.beside-0014': keyArns,
  '0017-estate-look-ups.beside-0014': estateLookUps,
  '0018-kept-places.beside-0014': keptPlaces,
  '0019-grants-due.beside-0014': grantsDue,
  '0020-version-keys.beside-0014': versionKeys,
};

/**
 * Brings a database to the newest schema; one that a newer version has brought further is left as it is. Safe when many replicas
 * start at once: it is one transaction, which PostgreSQL runs under an advisory lock, and a SQLite file has one service process only.
 * @throws DomainError audit-unavailable when a newer version made of it what this one can't work with; the error of the step that
 *   failed, and nothing of it stays
 */
export const migrate = async (db: Kysely<unknown>, kind: DatabaseKind): Promise<void> => {
  if (await isBeyond(db)) return;
  const migrations = Object.fromEntries(
    Object.entries(steps).map(([name, step]) => [name, { up: (on: Kysely<unknown>) => step(on, kind) }]),
  );
  const migrator = new Migrator({ db, provider: { getMigrations: async () => migrations } });
  const { error } = await migrator.migrateToLatest();
  // What a newer version did meanwhile is no error.
  if (error === undefined || (await isBeyond(db))) return;
  throw isForbidden(error) ? ownersWork(error) : error;
};

/** PostgreSQL's code of insufficient_privilege. */
const isForbidden = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === '42501';

const ownersWork = (cause: unknown) =>
  auditUnavailable(
    'This user may not bring the database to this version: its owner does, by node bin/migrate.ts.',
    cause,
  );

/** Whether a newer version has migrated it, beside which this one works. */
async function isBeyond(db: Kysely<unknown>): Promise<boolean> {
  const tables = await db.introspection.getTables({ withInternalKyselyTables: true });
  if (!tables.some(({ name }) => name === DEFAULT_MIGRATION_TABLE)) return false;
  const { rows } = await sql<{
    name: string;
  }>`select name from ${sql.table(DEFAULT_MIGRATION_TABLE)} order by name`.execute(db);
  const newer = rows.filter(({ name }) => !(name in steps));
  const barred = newer.find(({ name }) => !isBeside(name));
  if (barred === undefined) return newer.length > 0;
  throw auditUnavailable(
    `A newer version of this service has migrated the database (${barred.name}), and this one can’t work with what it made of it. Start that version, or the one before it, or restore a backup from before.`,
  );
}

const NEWEST = Object.keys(steps).length;
const isBeside = (name: string): boolean => Number(/\.beside-(\d{4})$/.exec(name)?.[1] ?? Infinity) <= NEWEST;

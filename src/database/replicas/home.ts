import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import { type Kysely, sql } from 'kysely';
import type { ChainHead } from '../../audit/chain.ts';
import type { Clock } from '../../clock.ts';
import { DomainError } from '../../problems/problem.ts';
import type { Database } from '../database.ts';
import { atTheEdge } from '../errors.ts';
import type { Schema } from '../schema.ts';

/**
 * Whether the database is the one that the service left, or a backup of it. A restored one still has to do what was done
 * since, and perhaps undone: it is for people to ask for that again. Logical restores and what follows a standby's promotion
 * show in PostgreSQL itself; of SQLite, a file beside the database keeps how far the journal has come.
 */
type Home = {
  /** Ends what was to be carried out without anybody's further doing, where the database was restored. */
  settleIn(): Promise<{ restored: boolean; ended: number }>;
  /** The journal has come this far. */
  note(head: ChainHead): void;
  close(): void;
};

export function createHome(
  database: Pick<Database, 'kysely'> & ({ kind: 'postgres' } | { kind: 'sqlite'; file: string }),
  clock: Clock,
): Home {
  const { kysely } = database;
  const beside = database.kind === 'sqlite' ? createHeadFile(`${database.file}.head`) : null;

  async function isRestored(known: string | undefined, identity: string): Promise<boolean> {
    const last = beside?.read();
    if (last !== undefined) return !(await has(kysely, last));
    return known !== undefined && (known !== identity || beside !== null);
  }

  return {
    settleIn: () =>
      atTheEdge(async () => {
        const identity = database.kind === 'sqlite' ? 'file' : await identityOf(kysely);
        const row = await kysely.selectFrom('journal_home').select('identity').executeTakeFirst();
        const restored = await isRestored(row?.identity, identity);
        const ended = await kysely.transaction().execute(async (trx) => {
          const count = restored ? await endUnfinished(trx, clock().getTime()) : 0;
          await trx
            .insertInto('journal_home')
            .values({ id: 1, identity })
            .onConflict((conflict) => conflict.column('id').doUpdateSet({ identity }))
            .execute();
          return count;
        });
        beside?.write(await kysely.selectFrom('audit_chain').select(['sequence', 'hash']).executeTakeFirstOrThrow());
        return { restored, ended };
      }),
    note: (head) => beside?.write(head),
    close: () => beside?.close(),
  };
}

/** Without fsync: it may be older than the journal, which tells nothing, and is never ahead of it. */
function createHeadFile(path: string) {
  let file: number | undefined;
  return {
    /** Undefined where there is none, or none that can be read. */
    read(): ChainHead | undefined {
      try {
        return JSON.parse(readFileSync(path, 'utf8'));
      } catch {
        return undefined;
      }
    },
    write({ sequence, hash }: ChainHead): void {
      file ??= openSync(path, 'w', 0o600);
      // Its length only grows, so that it is never cut in between.
      writeSync(file, JSON.stringify({ sequence: Number(sequence), hash }), 0);
    },
    close(): void {
      if (file !== undefined) closeSync(file);
      file = undefined;
    },
  };
}

async function has(kysely: Kysely<Schema>, { sequence, hash }: ChainHead): Promise<boolean> {
  const chain = await kysely.selectFrom('audit_chain').select('archived_sequence').executeTakeFirstOrThrow();
  if (sequence <= Number(chain.archived_sequence)) return true;
  const event = await kysely
    .selectFrom('audit_events')
    .select('hash')
    .where('sequence', '=', sequence)
    .executeTakeFirst();
  return event?.hash === hash;
}

/**
 * SQLSTATEs of providers whose PostgreSQL has no files of that kind, or shows none: not supported, no such function, not
 * permitted, not in this state. Whatever else fails says nothing of the timeline.
 */
const HAS_NO_TIMELINE = new Set(['0A000', '42883', '42501', '55000']);

/** Tables made anew, in this database or another, have other numbers; a standby that took over, another timeline. */
async function identityOf(kysely: Kysely<Schema>): Promise<string> {
  const numbers = sql<{
    text: string;
  }>`select concat_ws('.', (select oid from pg_database where datname = current_database()),
    'audit_chain'::regclass::oid) as text`;
  const timeline = sql<{ text: string }>`select left(pg_walfile_name(pg_current_wal_lsn()), 8) as text`;
  const [{ rows: tables }, { rows: lines }] = await Promise.all([
    numbers.execute(kysely),
    timeline.execute(kysely).catch((error) => {
      if (!HAS_NO_TIMELINE.has(error.code)) throw error;
      return { rows: [] };
    }),
  ]);
  return `${tables[0]?.text}/${lines[0]?.text ?? ''}`;
}

const { code, message } = new DomainError('stored-command-refused', {
  why: 'The database was restored from a backup since: what was done by then may have been undone. Ask for it again.',
});
const RESTORED = JSON.stringify({ code, detail: message });

async function endUnfinished(trx: Kysely<Schema>, now: number): Promise<number> {
  const unfinished = trx.selectFrom('operations').select('id').where('status', 'in', ['running', 'cancelling']);
  await trx
    .updateTable('operation_items')
    .set({ status: 'failed', result: `{"problem":${RESTORED}}` })
    .where('status', 'in', ['running', 'pending'])
    .where('operation_id', 'in', unfinished)
    .execute();
  const operations = await trx
    .updateTable('operations')
    .set({ status: 'done', finished_at: now, lease_until: 0 })
    .where('status', 'in', ['running', 'cancelling'])
    .returning('id')
    .execute();
  const approvals = await trx
    .updateTable('approvals')
    .set({ status: 'failed', problem: RESTORED, owner: null, lease_until: null })
    .where('status', '=', 'approved')
    .returning('id')
    .execute();
  return operations.length + approvals.length;
}

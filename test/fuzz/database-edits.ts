import { type Kysely, sql } from 'kysely';
import type { Random } from '../faults/random.ts';

/** What somebody with write access to the database does to it: one random edit at a time, and what it was. */

export type Row = Record<string, unknown>;
export type Tables = Record<string, Row[]>;
type Json = unknown;

export type Editing = {
  random: Random;
  /** The columns of a table by which its rows are told apart. */
  keys: Record<string, readonly string[]>;
  /** What is put somewhere, besides what stands elsewhere. */
  pool: readonly unknown[];
  /** Rows as they were before: an old one comes with its seal. */
  earlier?: Tables;
};

const TRIES = 100;

/** One table with one edit, which changes something and leaves its keys unique. */
export function editOne(editing: Editing, tables: Tables): { table: string; rows: Row[]; what: string } {
  const { random, keys } = editing;
  for (let tries = 0; tries < TRIES; tries += 1) {
    const [table, before] = random.pick(Object.entries(tables).filter(([, rows]) => rows.length > 0));
    const { rows, what } = random.pick(EDITS)(editing, table, before);
    const names = rows.map((row) => JSON.stringify((keys[table] ?? []).map((key) => row[key])));
    const isNew = JSON.stringify(rows) !== JSON.stringify(before);
    if (isNew && new Set(names).size === names.length) return { table, rows, what: `${table}: ${what}` };
  }
  throw new Error('No edit changes anything.');
}

type Edit = (editing: Editing, table: string, rows: readonly Row[]) => { rows: Row[]; what: string };

const change: Edit = ({ random, pool }, _table, rows) => {
  const row = pickRow(random, rows);
  const column = random.pick(Object.keys(row));
  const elsewhere = pickRow(random, rows)[random.chance(0.7) ? column : random.pick(Object.keys(row))];
  const value = random.chance(0.3) ? elsewhere : changed(random, row[column], pool);
  return { rows: rows.map((one) => (one === row ? { ...row, [column]: value } : one)), what: say(row, column, value) };
};

const swap: Edit = ({ random }, _table, rows) => {
  const [one, other] = [pickRow(random, rows), pickRow(random, rows)];
  const column = random.pick(Object.keys(one));
  const swapped = (row: Row) =>
    row === one ? { ...row, [column]: other[column] } : row === other ? { ...row, [column]: one[column] } : row;
  return { rows: rows.map(swapped), what: `${column} of ${name(one)} and ${name(other)} swapped` };
};

const drop: Edit = ({ random }, _table, rows) => {
  const row = pickRow(random, rows);
  return { rows: rows.filter((one) => one !== row), what: `${name(row)} deleted` };
};

/** A copy under another key, and perhaps with another difference. */
const insert: Edit = ({ random, keys, pool }, table, rows) => {
  const row = pickRow(random, rows);
  const copy = { ...row };
  for (const key of keys[table] ?? []) copy[key] = changed(random, row[key], pool);
  if (random.chance(0.5)) {
    const column = random.pick(Object.keys(row));
    copy[column] = changed(random, copy[column], pool);
  }
  return { rows: [...rows, copy], what: `${name(row)} copied to ${JSON.stringify(copy).slice(0, 300)}` };
};

const putBack: Edit = ({ random, keys, earlier }, table, rows) => {
  const old = earlier?.[table] ?? [];
  if (old.length === 0) return { rows: [...rows], what: 'nothing' };
  const row = random.pick(old);
  const isSame = (one: Row) => (keys[table] ?? []).every((key) => one[key] === row[key]);
  return { rows: [...rows.filter((one) => !isSame(one)), row], what: `${name(row)} put back as it was` };
};

const EDITS: readonly Edit[] = [change, change, change, change, swap, drop, insert, putBack];

const pickRow = (random: Random, rows: readonly Row[]): Row => (rows.length === 0 ? {} : random.pick(rows));
const name = (row: Row): string => JSON.stringify(Object.values(row).slice(0, 2)).slice(0, 100);
const say = (row: Row, column: string, value: unknown): string =>
  `${column} of ${name(row)} is ${JSON.stringify(value)?.slice(0, 300)}`;

/** Numbers near by, JSON with one difference in it, or something else altogether. */
function changed(random: Random, value: unknown, pool: readonly unknown[]): unknown {
  if (random.chance(0.1)) return null;
  if (typeof value === 'number') return random.pick([value + 1, value - 1, value + random.int(1_000), 0, -1, 2 ** 40]);
  if (typeof value !== 'string' || random.chance(0.15)) return random.pick(pool.filter((one) => !isObject(one)));
  const json = parsed(value);
  if (isObject(json)) return JSON.stringify(withOneDifference(random, json, pool));
  const at = random.int(value.length + 1);
  return random.pick([value.slice(0, at), `${value.slice(0, at)}x${value.slice(at + 1)}`, `${value}0`]);
}

/** In depth: each member is as likely as the whole of what it is a member of. */
function withOneDifference(random: Random, json: Json, pool: readonly unknown[]): Json {
  if (!isObject(json) || random.chance(0.1)) return random.pick(pool);
  if (Array.isArray(json)) {
    const at = random.int(json.length + 1);
    return json.toSpliced(at, 1, withOneDifference(random, json[at] ?? null, pool));
  }
  const names = Object.keys(json);
  const member = names.length === 0 ? 'more' : random.pick(names);
  const { [member]: before, ...rest } = json as Record<string, Json>;
  if (random.chance(0.15)) return rest;
  // In its place: the order of members counts.
  return { ...json, [member]: withOneDifference(random, before ?? null, pool) };
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

function parsed(text: string): Json {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export async function readTables(on: Kysely<unknown>, names: readonly string[]): Promise<Tables> {
  const tables: Tables = {};
  for (const table of names) tables[table] = (await sql<Row>`select * from ${sql.table(table)}`.execute(on)).rows;
  return tables;
}

/** All rows anew, or none: false where the database itself refuses them. */
export async function writeTables(on: Kysely<unknown>, tables: Tables): Promise<boolean> {
  try {
    await on.transaction().execute(async (trx) => {
      for (const [table, rows] of Object.entries(tables)) {
        await sql`delete from ${sql.table(table)}`.execute(trx);
        for (const row of rows) {
          const columns = sql.join(Object.keys(row).map((column) => sql.ref(column)));
          await sql`insert into ${sql.table(table)} (${columns}) values (${sql.join(Object.values(row))})`.execute(trx);
        }
      }
    });
    return true;
  } catch {
    return false;
  }
}

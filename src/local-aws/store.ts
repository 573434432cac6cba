import { DatabaseSync } from 'node:sqlite';
import { createPrivate } from '../files/create-private.ts';
import { Trail } from './cloudtrail/trail.ts';
import type { Records } from './records.ts';
import { Messages } from './sqs/messages.ts';

type Kind = keyof Records;

/** Of what was read; beyond it everything is read anew. */
const MAX_KEPT = 10_000;

/**
 * Everything the stand-in remembers: records of a kind under a key, as JSON in one SQLite table. Calls are handled one
 * at a time and each is one transaction, so that a refused call leaves no trace. What was read is kept, frozen, until it
 * is written, here or by another process.
 */
export class Store {
  /** Of queues, and event history: too many, and too soon gone, to be records. */
  readonly messages: Messages;
  readonly trail: Trail;
  readonly #database: DatabaseSync;
  readonly #statements;
  readonly #records = new Map<string, Frozen>();
  readonly #lists = new Map<string, Frozen>();
  #version: unknown;
  #stage: Stage = 'outside';

  /** @param file a path, or `:memory:` */
  constructor(file: string) {
    // Values are in it in clear.
    if (file !== ':memory:') createPrivate(file);
    this.#database = new DatabaseSync(file);
    this.#database.exec(`
      PRAGMA journal_mode = WAL;
      PRAGMA synchronous = NORMAL;
      PRAGMA busy_timeout = 2000;
      CREATE TABLE IF NOT EXISTS record (
        kind TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (kind, key)
      ) STRICT, WITHOUT ROWID`);
    this.messages = new Messages(this.#database, () => this.#begin());
    this.trail = new Trail(this.#database, () => this.#begin());
    this.#statements = {
      get: this.#database.prepare('SELECT value FROM record WHERE kind = ? AND key = ?'),
      list: this.#database.prepare('SELECT value FROM record WHERE kind = ? AND key >= ? AND key < ? ORDER BY key'),
      put: this.#database.prepare(
        'INSERT INTO record (kind, key, value) VALUES (?, ?, ?) ON CONFLICT (kind, key) DO UPDATE SET value = excluded.value',
      ),
      delete: this.#database.prepare('DELETE FROM record WHERE kind = ? AND key = ?'),
      // Another one once another connection has written (SQLite, "PRAGMA data_version").
      version: this.#database.prepare('PRAGMA data_version'),
    };
  }

  get<K extends Kind>(kind: K, key: string): Records[K] | undefined {
    return kept(this.#records, `${kind} ${key}`, () => {
      const row = this.#statements.get.get(kind, key);
      return row === undefined ? undefined : (JSON.parse(String(row['value'])) as Records[K]);
    });
  }

  /** All records whose key starts with `prefix` (ASCII), in the order of their keys. */
  list<K extends Kind>(kind: K, prefix: string): readonly Records[K][] {
    return kept(this.#lists, `${kind} ${prefix}`, () => {
      const rows = this.#statements.list.all(kind, prefix, `${prefix}\u{10ffff}`);
      return rows.map((row) => JSON.parse(String(row['value'])) as Records[K]);
    });
  }

  put<K extends Kind>(kind: K, key: string, value: Records[K]): void {
    this.#write(kind, key);
    this.#statements.put.run(kind, key, JSON.stringify(value));
  }

  delete(kind: Kind, key: string): void {
    this.#write(kind, key);
    this.#statements.delete.run(kind, key);
  }

  /** All that is written in it, or nothing. Begins once something is written: most calls read what is kept. */
  transaction<T>(work: () => T): T {
    this.#refresh();
    this.#stage = 'reading';
    try {
      const result = work();
      if (this.#isWriting()) this.#database.exec('COMMIT');
      return result;
    } catch (error) {
      if (this.#isWriting()) {
        this.#database.exec('ROLLBACK');
        this.#forget();
      }
      if (error !== OVERTAKEN) throw error;
    } finally {
      this.#stage = 'outside';
    }
    return this.transaction(work);
  }

  close(): void {
    this.#database.close();
  }

  /** Forgets what was read once another process has written; whether it has. */
  #refresh(): boolean {
    const version = this.#statements.version.get()?.['data_version'];
    const isNew = version !== this.#version;
    if (isNew) this.#forget();
    this.#version = version;
    return isNew;
  }

  #isWriting(): boolean {
    return this.#stage === 'writing';
  }

  #begin(): void {
    if (this.#stage !== 'reading') return;
    this.#database.exec('BEGIN IMMEDIATE');
    this.#stage = 'writing';
    if (this.#refresh()) throw OVERTAKEN;
  }

  #write(kind: Kind, key: string): void {
    this.#begin();
    this.#records.delete(`${kind} ${key}`);
    for (const list of this.#lists.keys()) if (list.startsWith(`${kind} `)) this.#lists.delete(list);
  }

  #forget(): void {
    this.#records.clear();
    this.#lists.clear();
  }
}

/** Of the store: outside of transactions each write stands by itself. */
type Stage = 'outside' | 'reading' | 'writing';

/** Another process wrote between what a transaction read and its first write: it is done again. */
const OVERTAKEN = new Error('Another process wrote first.');

type Frozen = { value: unknown };

function kept<T>(values: Map<string, Frozen>, key: string, read: () => T): T {
  const known = values.get(key);
  if (known !== undefined) return known.value as T;
  if (values.size >= MAX_KEPT) values.clear();
  const value = frozen(read());
  values.set(key, { value });
  return value;
}

function frozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null) Object.values(Object.freeze(value)).forEach(frozen);
  return value;
}

import { DatabaseSync } from 'node:sqlite';
import type { Records } from './records.ts';

export type Kind = keyof Records;

/**
 * Everything the stand-in remembers: records of a kind under a key, as JSON in one SQLite table. Calls are handled one
 * at a time and each is one transaction, so that a refused call leaves no trace.
 */
export class Store {
  readonly #database: DatabaseSync;
  readonly #statements;

  /** @param file a path, or `:memory:` */
  constructor(file: string) {
    this.#database = new DatabaseSync(file);
    this.#database.exec(`
      PRAGMA journal_mode = WAL;
      PRAGMA synchronous = NORMAL;
      PRAGMA busy_timeout = 2000;
      CREATE TABLE IF NOT EXISTS record (
        kind TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (kind, key)
      ) STRICT, WITHOUT ROWID`);
    this.#statements = {
      get: this.#database.prepare('SELECT value FROM record WHERE kind = ? AND key = ?'),
      list: this.#database.prepare('SELECT value FROM record WHERE kind = ? AND key >= ? AND key < ? ORDER BY key'),
      put: this.#database.prepare(
        'INSERT INTO record (kind, key, value) VALUES (?, ?, ?) ON CONFLICT (kind, key) DO UPDATE SET value = excluded.value',
      ),
      delete: this.#database.prepare('DELETE FROM record WHERE kind = ? AND key = ?'),
    };
  }

  get<K extends Kind>(kind: K, key: string): Records[K] | undefined {
    const row = this.#statements.get.get(kind, key);
    return row === undefined ? undefined : (JSON.parse(String(row['value'])) as Records[K]);
  }

  /** All records whose key starts with `prefix` (ASCII), in the order of their keys. */
  list<K extends Kind>(kind: K, prefix: string): Records[K][] {
    const rows = this.#statements.list.all(kind, prefix, `${prefix}\u{10ffff}`);
    return rows.map((row) => JSON.parse(String(row['value'])) as Records[K]);
  }

  put<K extends Kind>(kind: K, key: string, value: Records[K]): void {
    this.#statements.put.run(kind, key, JSON.stringify(value));
  }

  delete(kind: Kind, key: string): void {
    this.#statements.delete.run(kind, key);
  }

  transaction<T>(work: () => T): T {
    this.#database.exec('BEGIN');
    try {
      const result = work();
      this.#database.exec('COMMIT');
      return result;
    } catch (error) {
      this.#database.exec('ROLLBACK');
      throw error;
    }
  }

  close(): void {
    this.#database.close();
  }
}

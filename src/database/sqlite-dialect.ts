import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';
import {
  CompiledQuery,
  type DatabaseConnection,
  type Driver,
  type SqliteDatabase,
  SqliteDialect,
  SqliteDriver,
} from 'kysely';

/**
 * Kysely over node:sqlite. One connection, taken in turn; a transaction takes SQLite's write lock at its beginning, so
 * that it waits for another process (busy_timeout) instead of failing when its first read turns into a write.
 */
export const nodeSqliteDialect = (connection: DatabaseSync): SqliteDialect => {
  const database = sqliteDatabase(connection);
  const dialect = new SqliteDialect({ database });
  dialect.createDriver = (): Driver => new ImmediateDriver({ database });
  return dialect;
};

class ImmediateDriver extends SqliteDriver {
  override async beginTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('begin immediate'));
  }
}

/** What Kysely asks of better-sqlite3, answered by node:sqlite. */
const sqliteDatabase = (connection: DatabaseSync): SqliteDatabase => {
  const prepare = preparedOnce(connection);
  return {
    close: () => connection.close(),
    prepare(sql) {
      const statement = prepare(sql);
      return {
        reader: statement.columns().length > 0,
        all: (parameters) => statement.all(...(parameters as SQLInputValue[])),
        run: (parameters) => statement.run(...(parameters as SQLInputValue[])),
        iterate: (parameters) => statement.iterate(...(parameters as SQLInputValue[])),
      };
    },
  };
};

/** Statements that are kept prepared; the journal runs the same few over and over. */
const KEPT_STATEMENTS = 64;

const preparedOnce = (connection: DatabaseSync): ((sql: string) => StatementSync) => {
  const statements = new Map<string, StatementSync>();
  return (sql) => {
    const kept = statements.get(sql);
    if (kept !== undefined) return kept;
    const statement = connection.prepare(sql);
    statements.set(sql, statement);
    if (statements.size > KEPT_STATEMENTS) statements.delete(statements.keys().next().value ?? sql);
    return statement;
  };
};

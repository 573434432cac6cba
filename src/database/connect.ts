import { sql } from 'kysely';
import type { ConnectOptions, Database } from './database.ts';
import { connectSqlite } from './engines/sqlite.ts';
import { atTheEdge, auditUnavailable } from './errors.ts';

/**
 * Opens the database and brings its schema up to date.
 * @param databaseUrl `sqlite:path` or `postgres://…`
 * @throws DomainError audit-unavailable: it cannot be reached, is in use by another service process (SQLite), or the URL is of neither form
 */
export const connect = async (databaseUrl: string, options: ConnectOptions = {}): Promise<Database> => {
  const { password, ...others } = options;
  const unheard = { onConnectionLost() {}, onCheckpointFailed() {} };
  const defaults = { timeoutMs: 5_000, poolSize: 10, lockPoolSize: 16, as: 'service', ...unheard } as const;
  const settings = { ...defaults, ...others };
  const opened = await atTheEdge(() => {
    if (databaseUrl.startsWith('sqlite:')) return connectSqlite(databaseUrl.slice('sqlite:'.length), settings);
    if (/^postgres(ql)?:\/\//.test(databaseUrl))
      return import('./engines/postgres.ts').then(({ connectPostgres }) =>
        connectPostgres(databaseUrl, { ...settings, ...(password && { password }) }),
      );
    throw auditUnavailable('The database URL must be sqlite:path or postgres://….');
  });
  const ping = async () => {
    await atTheEdge(() => sql`select 1`.execute(opened.kysely));
  };
  return { ...opened, ping };
};

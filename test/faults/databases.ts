import { cpSync } from 'node:fs';
import { join } from 'node:path';
import type { Test } from 'tap';
import { connect } from '../../src/database/connect.ts';
import type { TestPostgres } from '../postgres.ts';
import { eventually } from '../wait.ts';

/** A database that can be backed up, while no service runs; `restore` says where the restored one is. */
export type Databases = { url: string; backUp(): Promise<void>; restore(): Promise<string> };

export function onSqlite(t: Test): Databases {
  const directory = t.testdir({ data: {}, backup: {} });
  const [data, backup] = [join(directory, 'data'), join(directory, 'backup')];
  const url = `sqlite:${join(data, 'audit.db')}`;
  const files = ['audit.db', 'audit.db-wal'];
  const copy = (from: string, to: string) => {
    for (const file of files) cpSync(join(from, file), join(to, file));
  };
  return {
    url,
    backUp: async () => copy(data, backup),
    async restore() {
      copy(backup, data);
      return url;
    },
  };
}

export async function onPostgres(postgres: TestPostgres): Promise<Databases> {
  const url = await postgres.freshDatabase();
  let copy = '';
  return {
    url,
    async backUp() {
      // Until the server has noticed that the service is gone.
      copy = await eventually(() => postgres.copyOf(url));
    },
    restore: async () => copy,
  };
}

/** The documents of the events that a database holds, oldest first, without a service. */
export async function documentsIn(url: string): Promise<string[]> {
  const { kysely, close } = await connect(url, { as: 'tool' });
  const rows = await kysely.selectFrom('audit_events').select('document').orderBy('sequence').execute();
  await close();
  return rows.map(({ document }) => document);
}

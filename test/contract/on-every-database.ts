import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Test } from 'tap';
import { connect } from '../../src/database/connect.ts';
import type { ConnectOptions, Database } from '../../src/database/database.ts';
import { startPostgres } from '../postgres.ts';
import { scratch } from '../scratch.ts';

/** One kind of database for a suite: `open` connects to a new one, or once more to that of `url`. */
type Provider = {
  kind: Database['kind'];
  /** Closed with the test. */
  open(t: Test, options?: ConnectOptions & { url?: string }): Promise<Database>;
  freshUrl(): Promise<string>;
};

/** Runs a contract suite on SQLite and on PostgreSQL. */
export const onEveryDatabase = async (
  t: Test,
  suite: (t: Test, provider: Provider) => Promise<void>,
): Promise<void> => {
  const directory = scratch('sqlite');
  t.teardown(() => rmSync(directory, { recursive: true, force: true }));
  const postgres = await startPostgres(t);
  let files = 0;
  const freshUrl = {
    sqlite: async () => `sqlite:${join(directory, `${++files}.db`)}`,
    postgres: () => postgres.freshDatabase(),
  };
  for (const kind of ['sqlite', 'postgres'] as const) {
    await t.test(kind, async (t) =>
      suite(t, {
        kind,
        freshUrl: freshUrl[kind],
        async open(t, { url, ...options } = {}) {
          const database = await connect(url ?? (await freshUrl[kind]()), options);
          t.teardown(() => database.close());
          return database;
        },
      }),
    );
  }
};

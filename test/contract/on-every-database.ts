import { copyFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Test } from 'tap';
import { connect } from '../../src/database/connect.ts';
import type { ConnectOptions, Database } from '../../src/database/database.ts';
import { startPostgres } from '../postgres.ts';
import { scratch } from '../scratch.ts';
import { eventually } from '../wait.ts';

/** One kind of database for a suite: `open` connects to a new one, or once more to that of `url`. */
type Provider = {
  kind: Database['kind'];
  /** Closed with the test. */
  open(t: Test, options?: ConnectOptions & { url?: string }): Promise<Database>;
  freshUrl(): Promise<string>;
};

/** Milliseconds. A busy machine may take long to connect. */
const PATIENCE = 120_000;

/** Empty databases of the newest schema, made once for all suites of a process: to copy one takes less than its migrations. */
let made: ReturnType<typeof makeEmpty> | undefined;

async function makeEmpty(t: Test) {
  const directory = scratch('sqlite');
  t.teardown(() => rmSync(directory, { recursive: true, force: true }));
  const postgres = await startPostgres(t);
  const file = join(directory, 'empty.db');
  const url = await postgres.freshDatabase();
  for (const one of [`sqlite:${file}`, url]) await (await connect(one, { timeoutMs: PATIENCE })).close();
  let files = 0;
  return {
    async sqlite() {
      const copy = join(directory, `${++files}.db`);
      copyFileSync(file, copy);
      return `sqlite:${copy}`;
    },
    // Whoever used it last may not be gone yet.
    postgres: () => eventually(() => postgres.copyOf(url)),
  };
}

/**
 * Runs a contract suite on SQLite and on PostgreSQL. Both are known to the runner at once: it ends with the last test that it knows,
 * also while a database starts.
 */
export function onEveryDatabase(t: Test, suite: (t: Test, provider: Provider) => Promise<void>): void {
  made ??= makeEmpty(t);
  const freshUrls = made;
  for (const kind of ['sqlite', 'postgres'] as const) {
    t.test(kind, async (t) => {
      const freshUrl = (await freshUrls)[kind];
      await suite(t, {
        kind,
        freshUrl,
        async open(t, { url, ...options } = {}) {
          const database = await connect(url ?? (await freshUrl()), { timeoutMs: PATIENCE, ...options });
          t.teardown(() => database.close());
          return database;
        },
      });
    });
  }
}

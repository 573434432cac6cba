import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import t, { type Test } from 'tap';
import { connect } from '../../src/database/connect.ts';
import { patientJournal } from '../audit/patient-journal.ts';
import { startPostgres } from '../postgres.ts';
import { runs } from '../runs.ts';

const appender = fileURLToPath(new URL('appender.ts', import.meta.url));
const postgres = await startPostgres(t);
const ROUNDS = runs(2, 20, 200);

/** A process that appends; `acknowledged` grows while it runs. */
const startAppender = (t: Test, url: string, changes: number, name = 'appender') => {
  const child = spawn(process.execPath, [appender, url, String(changes), name], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.teardown(() => child.kill('SIGKILL'));
  const acknowledged: number[] = [];
  const lines = createInterface({ input: child.stdout });
  lines.on('line', (line) => acknowledged.push(Number(line)));
  const ended = Promise.all([once(child, 'exit'), once(lines, 'close')]);
  const reached = async (count: number) => {
    while (acknowledged.length < count) await once(lines, 'line');
  };
  return { acknowledged, ended, reached, kill: () => child.kill('SIGKILL') };
};

const databases = {
  sqlite: async (t: Test) => `sqlite:${join(t.testdir({}), 'audit.db')}`,
  postgres: () => postgres.freshDatabase(),
};

for (const [kind, freshUrl] of Object.entries(databases)) {
  t.test(
    `${kind}: kill -9 while it appends loses nothing that was acknowledged, and leaves a whole chain`,
    async (t) => {
      const url = await freshUrl(t);
      let acknowledgedInAll = 0;
      for (let round = 1; round <= ROUNDS; round++) {
        const process = startAppender(t, url, Number.POSITIVE_INFINITY, `round-${round}`);
        await process.reached(40 + 17 * round);
        process.kill();
        await process.ended;
        acknowledgedInAll += process.acknowledged.length;

        const database = await connect(url);
        const journal = patientJournal({ database, clock: () => new Date() });
        const { intact, events } = await journal.verify();
        t.ok(intact, `whole after kill ${round}`);
        t.ok(events >= Math.max(...process.acknowledged), 'what was acknowledged is there');
        t.ok(events - acknowledgedInAll <= 8 * round, 'and at most what was in flight besides');
        t.ok((await journal.unfinishedIntents()).length <= 8 * round, 'intents cut off from their outcome are found');
        await database.close();
      }
    },
  );
}

t.test('three processes append to one PostgreSQL: no gap, no event twice, a whole chain', async (t) => {
  const url = await postgres.freshDatabase();
  const processes = ['a', 'b', 'c'].map((name) => startAppender(t, url, 150, name));
  for (const { ended } of processes) t.same(await ended.then(([exit]) => exit), [0, null]);
  const sequences = processes.flatMap(({ acknowledged }) => acknowledged).sort((one, other) => one - other);
  t.same(
    sequences,
    Array.from({ length: 900 }, (_, index) => index + 1),
  );
  const database = await connect(url);
  t.teardown(() => database.close());
  const journal = patientJournal({ database, clock: () => new Date() });
  t.match(await journal.verify(), { intact: true, events: 900 });
  t.same(await journal.unfinishedIntents(), []);
});

t.test('many replicas that start at once migrate once', async (t) => {
  const url = await postgres.freshDatabase();
  const replicas = await Promise.all(Array.from({ length: 8 }, () => connect(url)));
  for (const replica of replicas) t.teardown(() => replica.close());
  const [first] = replicas;
  t.ok(first && (await first.kysely.selectFrom('audit_chain').selectAll().execute()).length === 1);
});

import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, connect as connectSocket, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { sql } from 'kysely';
import pg from 'pg';
import t, { type Test } from 'tap';
import { connect } from '../../src/database/connect.ts';
import type { Database } from '../../src/database/database.ts';
import { createJournal, type Journal } from '../../src/database/journal/journal.ts';
import { draft } from '../audit/draft.ts';
import { matchList } from '../match-list.ts';
import { startPostgres } from '../postgres.ts';
import { eventually, SLACK_MS } from '../wait.ts';

const postgres = await startPostgres(t);
const clock = () => new Date();
/** Milliseconds. Long enough for what a busy machine can do. */
const TIMEOUT = 5_000;
const PATIENT = 120_000;
/** So that an append that did not fit does not fit the next time either. */
const LONG = 'x'.repeat(20_000);

const open = async (t: Test, url: string, timeoutMs = TIMEOUT) => {
  const database = await eventually(() => connect(url, { timeoutMs }));
  t.teardown(() => database.close());
  return { database, journal: createJournal({ database, clock, timeoutMs }) };
};

/** Appends one after another until one fails; how many did not, and the error. */
const appendUntilFailure = async (journal: Journal, limit = 100_000) => {
  for (let count = 0; count < limit; count++) {
    const error = await journal.append([draft({ changeId: `c${count}`, reason: LONG })]).then(
      () => null,
      (error) => error,
    );
    if (error !== null) return { count, error };
  }
  throw new Error('no append failed');
};

const assertNothingHalfWritten = async (t: Test, journal: Journal, count: number) => {
  t.match(await journal.verify(), { intact: true, events: count, firstBroken: null });
  t.equal((await journal.unfinishedIntents()).length, count, 'an intent that failed is not open');
};

t.test('a SQLite that may not grow refuses, writes no half, and goes on once there is room', async (t) => {
  const { database, journal } = await open(t, `sqlite:${join(t.testdir({}), 'audit.db')}`, PATIENT);
  await sql`pragma max_page_count = 150`.execute(database.kysely);
  const { count, error } = await appendUntilFailure(journal);
  t.match(error, { code: 'audit-unavailable', cause: { message: /full/ } });
  t.ok(count > 3);
  await assertNothingHalfWritten(t, journal, count);
  await t.rejects(journal.append([draft({ reason: LONG })]), { code: 'audit-unavailable' }, 'again');
  await sql`pragma max_page_count = 1000`.execute(database.kysely);
  matchList(t, await journal.append([draft()]), [{ sequence: count + 1 }]);
});

const tmpfs = () => {
  const directory = mkdtempSync(join(tmpdir(), 'full-disk-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', directory], { stdio: 'ignore' });
  } catch {
    rmSync(directory, { recursive: true });
    return null;
  }
  return {
    directory,
    grow: () => execFileSync('mount', ['-o', 'remount,size=16m', directory]),
    remove: () => {
      execFileSync('umount', [directory]);
      rmSync(directory, { recursive: true });
    },
  };
};

t.test('a full disk refuses, writes no half, and goes on once there is room', async (t) => {
  const disk = tmpfs();
  if (disk === null) return t.pass('skipped: no right to mount a tmpfs');
  const { database, journal } = await open(t, `sqlite:${join(disk.directory, 'audit.db')}`, PATIENT);
  const { count, error } = await appendUntilFailure(journal);
  t.match(error, { code: 'audit-unavailable', cause: Error });
  t.ok(count > 3);
  await assertNothingHalfWritten(t, journal, count);
  disk.grow();
  matchList(t, await journal.append([draft()]), [{ sequence: count + 1 }]);
  await database.close();
  database.close = async () => {};
  disk.remove();
});

t.test('a SQLite that another process keeps locked gives audit-unavailable, and nothing is written', async (t) => {
  const file = join(t.testdir({}), 'audit.db');
  const { journal } = await open(t, `sqlite:${file}`);
  await journal.append([draft()]);
  const other = new DatabaseSync(file);
  other.exec('begin immediate');
  await t.rejects(journal.append([draft()]), { code: 'audit-unavailable' });
  other.exec('rollback');
  other.close();
  matchList(t, await journal.append([draft()]), [{ sequence: 2 }]);
});

t.test('a PostgreSQL that stalls gives audit-unavailable within the limit, to whoever waits too', async (t) => {
  const url = await postgres.freshDatabase();
  const { journal: patient } = await open(t, url, PATIENT);
  await patient.append([draft()]);
  const { journal } = await eventually(() => open(t, url));
  const other = new pg.Client(url);
  await other.connect();
  await other.query('begin');
  await other.query('select * from audit_chain for update');
  const begun = performance.now();
  const inFlight = journal.append([draft({ changeId: 'in flight' })]);
  await new Promise((resolve) => setTimeout(resolve, 100));
  const waiting = journal.append([draft({ changeId: 'waiting' })]);
  await t.rejects(inFlight, { code: 'audit-unavailable', retryAfter: 5 });
  await t.rejects(waiting, { code: 'audit-unavailable' });
  t.ok(performance.now() - begun < TIMEOUT + SLACK_MS, 'in time');
  // The server ends the statement of the second, too.
  await new Promise((resolve) => setTimeout(resolve, TIMEOUT));
  await other.query('rollback');
  await other.end();
  await patient.append([draft({ changeId: 'afterwards' })]);
  t.same(
    (await patient.list({}, { limit: 10 })).items.map(({ changeId }) => changeId),
    ['afterwards', 'change-1'],
    'what was given up was not written later',
  );
});

/** A TCP proxy that can fall silent: packets go nowhere, and nobody is told. */
const proxyTo = async (t: Test, url: string) => {
  const { port, hostname } = new URL(url);
  let silent = false;
  const sockets = new Set<Socket>();
  const server = createServer((inbound) => {
    const outbound = connectSocket(Number(port), hostname);
    for (const [from, to] of [
      [inbound, outbound],
      [outbound, inbound],
    ] as const) {
      sockets.add(from);
      from.on('data', (data) => silent || to.write(data));
      from.on('close', () => silent || to.destroy());
      from.on('error', () => {});
    }
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  t.teardown(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return {
    url: url.replace(`:${port}/`, `:${(server.address() as AddressInfo).port}/`),
    fallSilent: () => {
      silent = true;
    },
    heal: () => {
      // Connections of the silent time stay dead, as after a change of route.
      for (const socket of sockets) socket.removeAllListeners('data');
      silent = false;
    },
  };
};

t.test(
  'a network that swallows packets gives audit-unavailable within the limit; new connections serve afterwards',
  async (t) => {
    const proxy = await proxyTo(t, await postgres.freshDatabase());
    const { database, journal } = await eventually(() => open(t, proxy.url));
    await eventually(() => journal.append([draft()]));
    proxy.fallSilent();
    const begun = performance.now();
    await t.rejects(journal.append([draft()]), { code: 'audit-unavailable', message: /is not known/ });
    t.ok(performance.now() - begun < TIMEOUT + SLACK_MS, 'in time');
    proxy.heal();
    const served = await eventually(() => journal.append([draft({ changeId: 'afterwards' })]));
    t.equal(served[0]?.changeId, 'afterwards');
    t.match(await journal.verify(), { intact: true });
    await killOpenTransactions(database);
  },
);

t.test(
  'a PostgreSQL that is killed in the middle of appends: no acknowledged event is lost, and the chain is whole',
  async (t) => {
    const { journal } = await open(t, await postgres.freshDatabase(), 5_000);
    const acknowledged: number[] = [];
    const errors: unknown[] = [];
    let running = true;
    const work = async (worker: number) => {
      for (let count = 0; running; count++) {
        const begun = performance.now();
        await journal.append([draft({ changeId: `w${worker}-${count}` })]).then(
          ([event]) => acknowledged.push(Number(event?.sequence)),
          async (error) => {
            errors.push(error);
            await new Promise((resolve) => setTimeout(resolve, 20));
          },
        );
        if (performance.now() - begun > 5_000 + SLACK_MS) errors.push('an append took too long');
      }
    };
    const workers = Promise.all([1, 2, 3, 4].map(work));
    await eventually(async () => {
      if (acknowledged.length < 100) throw new Error('not yet');
    });
    postgres.kill();
    await postgres.restart();
    const before = acknowledged.length;
    await eventually(async () => {
      if (acknowledged.length < before + 50) throw new Error('not yet');
    });
    running = false;
    await workers;
    t.ok(errors.length > 0, 'the kill was noticed');
    for (const error of errors) t.match(error, { code: 'audit-unavailable' });
    const { intact, events } = await journal.verify();
    t.ok(intact);
    t.ok(events >= acknowledged.length && events - acknowledged.length <= errors.length);
    t.equal(new Set(acknowledged).size, acknowledged.length, 'no number twice');
    t.ok(Math.max(...acknowledged) <= events);
  },
);

const killOpenTransactions = ({ kysely }: Database) =>
  sql`select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`.execute(
    kysely,
  );

t.test(
  'a connection to PostgreSQL that breaks is told to who opened it, and the next query gets another',
  async (t) => {
    const url = await postgres.freshDatabase();
    const { promise: told, resolve: onConnectionLost } = Promise.withResolvers<Error>();
    const database = await connect(url, { onConnectionLost });
    t.teardown(() => database.close());
    const other = new pg.Client(url);
    await other.connect();
    await other.query(`select pg_terminate_backend(pid) from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid()`);
    await other.end();
    t.match((await told).message, /terminat/);
    await database.ping();
  },
);

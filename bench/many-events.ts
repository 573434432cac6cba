/**
 * What many events in the audit log cost: `node bench/many-events.ts [events [SQLite | PostgreSQL]]`, 1,000,000 unless told, on SQLite in
 * a temporary directory and on a PostgreSQL of the tests. Pages by every combination of filters, and the start.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import type { AuditFilter } from '../src/access/looks/audit-trail.ts';
import { connect } from '../src/database/connect.ts';
import { createJournal } from '../src/database/journal/journal.ts';
import { COMMAND_KEY_FILE } from '../test/command-key.ts';
import { freePort } from '../test/free-port.ts';
import { startPostgres } from '../test/postgres.ts';
import { BEGUN, fill } from './fill-journal.ts';
import { median, printTable, type Row } from './table.ts';

const SMALL = 1_000;
const STARTS = 7;
const LIMIT = 100;
const AGAIN = 30;
const at = (number: number) => new Date(BEGUN + number * 1_000);

/** Every set of filters, with an action that is common and one that is rare. */
function* combinations(events: number): Generator<AuditFilter> {
  const choices: AuditFilter[][] = [
    [{}, { secret: 'secret-3' }, { secret: 'arn:secret-3' }],
    [{}, { actor: 'user-5' }],
    [{}, { action: 'share' }, { action: 'prune' }],
    [{}, { outcome: 'applied' }],
    [{}, { phase: 'intent' }, { phase: 'outcome' }],
    [{}, { changeId: 'change-400' }],
    [{}, { from: at(events * 0.2), to: at(events * 0.6) }],
  ];
  const combine = (rest: AuditFilter[][]): AuditFilter[] => {
    const [first, ...others] = rest;
    return first === undefined ? [{}] : combine(others).flatMap((some) => first.map((one) => ({ ...one, ...some })));
  };
  yield* combine(choices);
}

type Taken = { ms: number; block: number; filter: AuditFilter };

/** Milliseconds of each page, and its longest block of the event loop; the worst are tried again, since others use the machine too. */
async function pages(url: string, events: number): Promise<Taken[]> {
  const database = await connect(url, { timeoutMs: 60_000 });
  const journal = createJournal({ database, clock: () => new Date(), timeoutMs: 60_000 });
  const page = async (filter: AuditFilter): Promise<Taken> => {
    const delay = monitorEventLoopDelay({ resolution: 1 });
    delay.enable();
    const begun = performance.now();
    await journal.list(filter, { limit: LIMIT });
    const ms = performance.now() - begun;
    await sleep(2);
    delay.disable();
    return { ms, block: delay.max / 1e6, filter };
  };
  const taken: Taken[] = [];
  for (const filter of combinations(events)) taken.push(await page(filter));
  for (const measure of ['ms', 'block'] as const) {
    for (const worst of taken.toSorted((one, other) => other[measure] - one[measure]).slice(0, AGAIN)) {
      for (let tries = 0; tries < 5; tries += 1) {
        const { ms, block } = await page(worst.filter);
        Object.assign(worst, { ms: Math.min(ms, worst.ms), block: Math.min(block, worst.block) });
      }
    }
  }
  await database.close();
  return taken.toSorted((one, other) => one.ms - other.ms);
}

const isReady = (port: number): Promise<boolean> =>
  fetch(`http://127.0.0.1:${port}/readyz`).then(
    ({ ok }) => ok,
    () => false,
  );

/** Milliseconds of CPU until it is ready: times are the machine's, and who else uses it. */
async function start(url: string, compiled: string): Promise<number> {
  const port = await freePort();
  const env = {
    AUTH_MODE: 'none',
    PORT: String(port),
    LOG_LEVEL: 'fatal',
    DATABASE_URL: url,
    COMMAND_KEY_FILE,
    ESTATE_SURVEY_INTERVAL: 'off',
  };
  const child = spawn(process.execPath, ['bin/server.ts'], {
    env: { ...process.env, ...env, NODE_COMPILE_CACHE: compiled },
    stdio: 'inherit',
  });
  while (!(await isReady(port))) {
    if (child.exitCode !== null) throw new Error('The service does not start.');
    await sleep(10);
  }
  const [, user, system] = /^(?:\S+ ){13}(\d+) (\d+)/.exec(readFileSync(`/proc/${child.pid}/stat`, 'utf8')) ?? [];
  const ready = (Number(user) + Number(system)) * 10;
  child.kill();
  await new Promise((resolve) => child.once('exit', resolve));
  return ready;
}

async function benchOn(
  kind: string,
  events: number,
  directory: string,
  urls: [string, string, string],
): Promise<Row[]> {
  const [empty, small, large] = urls;
  await fill(small, SMALL);
  const begun = performance.now();
  await fill(large, events);
  console.log(`${kind}: filled ${events} events in ${((performance.now() - begun) / 1e3).toFixed(0)} s`);
  const [few, many] = [await pages(small, SMALL), await pages(large, events)];
  for (const { ms, block, filter } of many.slice(-5)) console.log(kind, ms.toFixed(1), block.toFixed(1), filter);
  const starts: [number[], number[]] = [[], []];
  await start(empty, directory);
  for (let n = 0; n < STARTS; n += 1) {
    starts[0].push(await start(empty, directory));
    starts[1].push(await start(large, directory));
  }
  const block = (taken: typeof many) => Math.max(...taken.map(({ block }) => block));
  const row = (measure: string, ours: number, theirs: number, bar: number, ratio = ours / theirs): Row => ({
    ...{ measure: `${kind}, ${events} events: ${measure}`, ratio, bar, better: 'less' },
    ...{ ours: `${ours.toFixed(1)} ms`, theirs: `${theirs.toFixed(1)} ms` },
  });
  const [was, is] = [few.at(-1)?.ms ?? Number.NaN, many.at(-1)?.ms ?? Number.NaN];
  return [
    row(`the slowest page of ${many.length} combinations of filters, against ${SMALL} events`, is, was, 500, is),
    row(
      `the longest block of the event loop by a page, against ${SMALL} events`,
      block(many),
      block(few),
      50,
      block(many),
    ),
    row('CPU of the start, against an empty database', median(starts[1]), median(starts[0]), 1.2),
  ];
}

const [given = '1000000', only] = process.argv.slice(2);
const events = Number(given);
const directory = mkdtempSync(join(tmpdir(), 'bench-many-'));
const stops: (() => Promise<void> | void)[] = [];
const postgres = await startPostgres({ teardown: (stop) => void stops.push(stop) });
const open = {
  SQLite: async (name: string) => `sqlite:${join(directory, `${name}.db`)}`,
  PostgreSQL: () => postgres.freshDatabase(),
};
try {
  for (const [kind, url] of Object.entries(open)) {
    if (only !== undefined && only !== kind) continue;
    printTable(await benchOn(kind, events, directory, [await url('empty'), await url('small'), await url('large')]));
  }
} finally {
  for (const stop of stops) await stop();
  rmSync(directory, { recursive: true });
}

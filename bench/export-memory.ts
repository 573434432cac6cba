import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fill } from './fill-journal.ts';
import { startOwnProcess } from './own-process.ts';
import { printTable, type Row } from './table.ts';

const SETTLE_MS = 5_000;
const LOOK_EVERY_MS = 100;
const BAR_MIB = 200;

/**
 * What the process of production takes over exports of the whole audit log at once, above what it takes idle.
 * `node bench/export-memory.ts [EVENTS] [EXPORTS]`
 */
async function benchExportMemory(events = 200_000, exports = 10): Promise<Row[]> {
  const backend = fork(new URL('backend.ts', import.meta.url));
  const [{ url: endpoint }] = (await once(backend, 'message')) as [{ url: string }];
  const directory = mkdtempSync(join(tmpdir(), 'bench-exports-'));
  const database = join(directory, 'audit.db');
  await fill(`sqlite:${database}`, events);
  // The first compiles.
  await (await startOwnProcess({ endpoint, directory, database })).stop();
  const rows: Row[] = [];
  for (const query of ['', '?format=ocsf']) rows.push(await over(query));
  backend.kill();
  rmSync(directory, { recursive: true });
  return rows;

  async function over(query: string): Promise<Row> {
    const service = await startOwnProcess({ endpoint, directory, database, env: { RATE_LIMIT_MAX: '1000000' } });
    await sleep(SETTLE_MS);
    const idle = service.rss();
    let peak = 0;
    const look = setInterval(() => {
      peak = Math.max(peak, service.rss());
    }, LOOK_EVERY_MS);
    const bytes = await Promise.all(
      Array.from({ length: exports }, () => read(`${service.url}/v1/audit-events${query}`)),
    );
    clearInterval(look);
    await service.stop();
    return {
      measure: `RSS at most over ${exports} exports at once of ${events} events${query}, MiB above idle`,
      ours: `${peak} MiB`,
      theirs: `${idle} MiB (${Math.round((bytes[0] ?? 0) / 1_048_576)} MiB an export)`,
      ...{ ratio: peak - idle, bar: BAR_MIB, better: 'less' },
    };
  }
}

async function read(url: string): Promise<number> {
  const answer = await fetch(url, { headers: { accept: 'application/x-ndjson' } });
  if (answer.status !== 200) throw new Error(await answer.text());
  let bytes = 0;
  for await (const chunk of answer.body ?? []) bytes += chunk.byteLength;
  return bytes;
}

if (import.meta.main) printTable(await benchExportMemory(...process.argv.slice(2).map(Number)));

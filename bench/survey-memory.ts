import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Told } from './backend.ts';
import { startOwnProcess } from './own-process.ts';
import { printTable, type Row } from './table.ts';

/** Policy calls a second: four times what AWS takes. */
const RATE = 200;
const SETTLE_MS = 5_000;
const LOOK_EVERY_MS = 250;

type Memory = { idle: number; peak: number; after: number };

/**
 * What a process takes, as it runs in production, over a survey of many secrets against one of few: RSS, not what is alive.
 * AWS is a process of its own. @param few and `many` secrets, each with a policy of some 2 kB
 */
async function benchSurveyMemory(few = 2_000, many = 10_000): Promise<Row> {
  const backend = fork(new URL('backend.ts', import.meta.url));
  const [{ url }] = (await once(backend, 'message')) as [{ url: string }];
  const directory = mkdtempSync(join(tmpdir(), 'bench-survey-'));
  const over = async (create: number): Promise<Memory> => {
    backend.send({ create, principals: 20 } satisfies Told);
    await once(backend, 'message');
    // The first compiles.
    await surveyed(url, directory, 0);
    return surveyed(url, directory, create);
  };
  const [ofFew, ofMany] = [await over(few), await over(many)];
  backend.kill();
  rmSync(directory, { recursive: true });
  const told = ({ idle, peak, after }: Memory) => `${peak} MB (${idle} before, ${after} after)`;
  return {
    measure: `RSS at most over a survey of ${many} secrets, against ${few}`,
    ...{ ours: told(ofMany), theirs: told(ofFew), ratio: ofMany.peak / ofFew.peak, bar: 1.2, better: 'less' },
  };
}

async function surveyed(endpoint: string, directory: string, secrets: number): Promise<Memory> {
  const service = await startOwnProcess({
    ...{ endpoint, directory, database: join(directory, `${secrets}.db`) },
    env: { AWS_REQUESTS_PER_SECOND: String(RATE) },
  });
  const { url, rss } = service;
  const memory: Memory = { idle: Number.NaN, peak: 0, after: Number.NaN };
  if (secrets > 0) {
    await sleep(SETTLE_MS);
    memory.idle = rss();
    const headers = { 'content-type': 'application/json' };
    const begun = await fetch(`${url}/v1/estate/surveys`, { method: 'POST', headers, body: '{}' });
    const location = url + begun.headers.get('location');
    for (let isOver = false; !isOver; memory.peak = Math.max(memory.peak, rss())) {
      await sleep(LOOK_EVERY_MS);
      const operation = (await (await fetch(location)).json()) as {
        finishedAt: string | null;
        counts: { failed: number };
      };
      if (operation.counts.failed > 0) throw new Error('The survey failed.');
      isOver = operation.finishedAt !== null;
    }
    await sleep(SETTLE_MS);
    memory.after = rss();
  }
  await service.stop();
  return memory;
}

if (import.meta.main) printTable([await benchSurveyMemory(...process.argv.slice(2).map(Number))]);

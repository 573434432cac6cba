import { fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../test/free-port.ts';
import { median, printTable, type Row } from './table.ts';

const STARTS = 5;
const IDLE_MS = 5_000;
const AWS = { AWS_REGION: 'us-east-1', AWS_ACCESS_KEY_ID: 'LOCALSERVICE', AWS_SECRET_ACCESS_KEY: 'x' };

/**
 * The process as it runs in production, from the command to the first ready answer; and its memory some seconds later.
 * As in the image (Dockerfile), Node finds the code compiled by a start before.
 */
export async function benchStart(): Promise<Row[]> {
  const directory = mkdtempSync(join(tmpdir(), 'bench-start-'));
  const backend = fork(new URL('backend.ts', import.meta.url));
  const [{ url: endpoint }] = (await once(backend, 'message')) as [{ url: string }];
  const starts: number[] = [];
  const memory: number[] = [];
  for (let index = 0; index <= STARTS; index += 1) {
    const port = await freePort();
    const begun = performance.now();
    const child = spawn(process.execPath, ['bin/server.ts'], {
      env: {
        ...process.env,
        ...AWS,
        AWS_ENDPOINT_URL: endpoint,
        AUTH_MODE: 'none',
        PORT: String(port),
        LOG_LEVEL: 'warn',
        DATABASE_URL: `sqlite:${directory}/${index}.db`,
        NODE_COMPILE_CACHE: join(directory, 'compiled'),
      },
      stdio: 'inherit',
    });
    while (!(await isReady(port))) {
      if (child.exitCode !== null) throw new Error('The service does not start.');
      await sleep(10);
    }
    const ready = performance.now() - begun;
    // The first only compiles.
    if (index > 0) {
      starts.push(ready);
      await sleep(IDLE_MS);
      const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
      memory.push(Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1_024);
    }
    child.kill();
    await once(child, 'exit');
  }
  backend.kill();
  rmSync(directory, { recursive: true });
  const seconds = median(starts) / 1_000;
  const idle = median(memory);
  return [
    {
      measure: 'start of node bin/server.ts to ready, seconds',
      ours: `${seconds.toFixed(2)} s`,
      theirs: '',
      ratio: seconds,
      bar: 1.5,
      better: 'less',
    },
    { measure: 'RSS when idle, MB', ours: `${idle.toFixed(0)} MB`, theirs: '', ratio: idle, bar: 140, better: 'less' },
  ];
}

const isReady = (port: number): Promise<boolean> =>
  fetch(`http://127.0.0.1:${port}/readyz`).then(
    ({ ok }) => ok,
    () => false,
  );

if (import.meta.main) printTable(await benchStart());

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../test/free-port.ts';

const KEY = { AWS_ACCESS_KEY_ID: 'LOCALSERVICE', AWS_SECRET_ACCESS_KEY: 'x', AWS_REGION: 'us-east-1' };

type OwnProcess = {
  url: string;
  /** MiB, of memory that is resident. */
  rss(): number;
  stop(): Promise<void>;
};

/** The service as it runs in production, ready: `bin/server.ts`, alone in its process. */
export async function startOwnProcess(options: {
  endpoint: string;
  /** Keeps the database and the compiled code. */
  directory: string;
  database: string;
  env?: Record<string, string>;
}): Promise<OwnProcess> {
  const { endpoint, directory, database, env } = options;
  const port = await freePort();
  const child = spawn(process.execPath, ['bin/server.ts'], {
    env: {
      ...{ ...process.env, ...KEY, AWS_ENDPOINT_URL: endpoint, AUTH_MODE: 'none', LOG_LEVEL: 'error' },
      ...{ PORT: String(port), ESTATE_SURVEY_INTERVAL: 'off', DATABASE_URL: `sqlite:${database}` },
      ...{ NODE_COMPILE_CACHE: join(directory, 'compiled'), ...env },
    },
    stdio: 'inherit',
  });
  const url = `http://127.0.0.1:${port}`;
  const isReady = () =>
    fetch(`${url}/readyz`).then(
      ({ ok }) => ok,
      () => false,
    );
  while (!(await isReady())) await sleep(50);
  return {
    url,
    rss: () =>
      Math.round(Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1]) / 1_024),
    async stop() {
      child.kill();
      await once(child, 'exit');
    },
  };
}

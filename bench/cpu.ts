import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  GetResourcePolicyCommand,
  PutResourcePolicyCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { pino } from 'pino';
import { buildApp } from '../app.ts';
import { readConfig } from '../src/config.ts';
import { median, printTable, type Row } from './table.ts';

const AWS = { region: 'us-east-1', credentials: { accessKeyId: 'LOCALSERVICE', secretAccessKey: 'x' } };
const ROUNDS = 9;
const SHARES = 50;

/**
 * The CPU that this process takes for a share, all its threads together, against the bare SDK's Get + Put: AWS and whoever shares are
 * processes of their own. In turns, in one run.
 */
export async function benchCpu(rounds = ROUNDS): Promise<Row[]> {
  const directory = mkdtempSync(join(tmpdir(), 'bench-'));
  const backend = fork(new URL('backend.ts', import.meta.url));
  const [{ url: endpoint }] = (await once(backend, 'message')) as [{ url: string }];
  const config = readConfig({
    ESTATE_SURVEY_INTERVAL: 'off',
    AUTH_MODE: 'none',
    DATABASE_URL: `sqlite:${directory}/audit.db`,
    AWS_REQUESTS_PER_SECOND: '10000',
    RATE_LIMIT_MAX: '1000000',
  });
  const app = await buildApp(config, {
    aws: { ...AWS, endpoint },
    loggerInstance: pino({ level: 'silent' }),
  });
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  const caller = fork(new URL('caller.ts', import.meta.url), [url]);
  const share = async (count: number) => {
    caller.send({ count });
    await once(caller, 'message');
  };
  const sdk = new SecretsManagerClient({ ...AWS, endpoint });
  const bare = async (count: number) => {
    const SecretId = 'demo/database';
    for (let n = 0; n < count; n += 1) {
      const { ResourcePolicy = '' } = await sdk.send(new GetResourcePolicyCommand({ SecretId }));
      await sdk.send(new PutResourcePolicyCommand({ SecretId, ResourcePolicy, BlockPublicPolicy: true }));
    }
  };

  const taken: { ours: number; theirs: number }[] = [];
  // A process that serves is warm.
  await share(12 * SHARES);
  await bare(12 * SHARES);
  for (let round = 0; round < rounds; round += 1) {
    taken.push({ ours: await cpuOf(() => share(SHARES)), theirs: await cpuOf(() => bare(SHARES)) });
  }
  const ours = median(taken.map((one) => one.ours)) / SHARES;
  const theirs = median(taken.map((one) => one.theirs)) / SHARES;

  caller.kill();
  await app.close();
  sdk.destroy();
  backend.kill();
  rmSync(directory, { recursive: true });
  return [
    {
      measure: 'CPU of a share, all threads, against the bare SDK’s Get + Put',
      ours: `${ours.toFixed(1)} ms`,
      theirs: `${theirs.toFixed(1)} ms`,
      ratio: ours / theirs,
      bar: 2.5,
      better: 'less',
    },
  ];
}

/** Milliseconds of this process. */
async function cpuOf(work: () => Promise<void>): Promise<number> {
  const begun = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(begun);
  return (user + system) / 1_000;
}

if (import.meta.main) printTable(await benchCpu(Number(process.argv[2] ?? ROUNDS)));

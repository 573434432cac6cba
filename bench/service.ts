import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import {
  GetResourcePolicyCommand,
  PutResourcePolicyCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import fastify from 'fastify';
import { pino } from 'pino';
import { buildApp } from '../src/app.ts';
import { readConfig } from '../src/config.ts';
import { median, printTable, type Row } from './table.ts';

const AWS = { region: 'us-east-1', credentials: { accessKeyId: 'LOCALSERVICE', secretAccessKey: 'x' } };
const SHARES = '/v1/secrets/demo%2Fdatabase/shares';
const ROUNDS = 60;

/** The service against the bare SDK, side by side in this process, each call over real HTTP through the same proxy. */
export async function benchService(): Promise<Row[]> {
  const directory = mkdtempSync(join(tmpdir(), 'bench-'));
  const backend = fork(new URL('backend.ts', import.meta.url));
  const [{ url: endpoint }] = (await once(backend, 'message')) as [{ url: string }];
  /** Every answer of AWS takes this much longer from now on. @returns the policy calls so far */
  const setLatency = async (latency: number): Promise<number> => {
    backend.send({ latency });
    const [{ policyCalls }] = (await once(backend, 'message')) as [{ policyCalls: number }];
    return policyCalls;
  };
  const config = readConfig({
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
  const sdk = new SecretsManagerClient({ ...AWS, endpoint });
  const { arn } = (await (await fetch(`${url}/v1/secrets/demo%2Fdatabase`)).json()) as { arn: string };

  let account = 300_000_000_000;
  const share = async () => {
    const response = await fetch(url + SHARES, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ principal: String(account++) }),
    });
    if (response.status !== 201) throw new Error(await response.text());
    await response.arrayBuffer();
  };
  const bare = async () => {
    const { ResourcePolicy = '' } = await sdk.send(new GetResourcePolicyCommand({ SecretId: arn }));
    await sdk.send(new PutResourcePolicyCommand({ SecretId: arn, ResourcePolicy, BlockPublicPolicy: true }));
  };
  const revokeAll = () =>
    fetch(`${url}/v1/secrets/demo%2Fdatabase/policy`, { method: 'DELETE', headers: { 'if-match': '*' } });

  /** Taken in turns, so that a busy moment of the machine meets both. */
  const compare = async (): Promise<{ ours: number; theirs: number }> => {
    const ours: number[] = [];
    const theirs: number[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      ours.push(await timed(share));
      theirs.push(await timed(bare));
    }
    return { ours: median(ours), theirs: median(theirs) };
  };

  const rows: Row[] = [];
  await share();
  await bare();
  for (const [latency, bar] of [
    [20, 1.1],
    [0, 2.5],
  ] as const) {
    await setLatency(latency);
    const { ours, theirs } = await compare();
    await revokeAll();
    const measure = `share, p50, ${latency} ms backend latency, against the bare SDK’s Get + Put`;
    rows.push({
      measure,
      ours: `${ours.toFixed(1)} ms`,
      theirs: `${theirs.toFixed(1)} ms`,
      ratio: ours / theirs,
      bar,
      better: 'less',
    });
  }

  const before = await setLatency(0);
  await Promise.all(Array.from({ length: 200 }, share));
  const calls = (await setLatency(0)) - before;
  rows.push({
    measure: 'policy calls for 200 concurrent shares of one secret',
    ours: String(calls),
    theirs: '400',
    ratio: calls,
    bar: 8,
    better: 'less',
  });
  await revokeAll();
  await share();

  const route = fastify();
  route.get('/', async () =>
    sdk.send(new GetResourcePolicyCommand({ SecretId: arn })).then(({ ResourcePolicy }) => ResourcePolicy),
  );
  const bareUrl = await route.listen({ host: '127.0.0.1', port: 0 });
  const ours = await throughput(`${url}/v1/secrets/${encodeURIComponent(arn)}/policy`);
  const theirs = await throughput(bareUrl);
  rows.push({
    measure: 'GET policy throughput against a bare Fastify route with the same SDK call',
    ours: `${ours.toFixed(0)}/s`,
    theirs: `${theirs.toFixed(0)}/s`,
    ratio: ours / theirs,
    bar: 0.7,
    better: 'more',
  });

  await route.close();
  await app.close();
  sdk.destroy();
  backend.kill();
  rmSync(directory, { recursive: true });
  return rows;
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

/** Requests a second with 20 under way. */
async function throughput(url: string, total = 2_000): Promise<number> {
  let left = total;
  const worker = async () => {
    while (left-- > 0) {
      const response = await fetch(url);
      if (response.status !== 200) throw new Error(await response.text());
      await response.arrayBuffer();
    }
  };
  await Promise.all(Array.from({ length: 20 }, worker).map((run) => run));
  left = total;
  const ms = await timed(() => Promise.all(Array.from({ length: 20 }, worker)));
  return (total / ms) * 1_000;
}

if (import.meta.main) printTable(await benchService());

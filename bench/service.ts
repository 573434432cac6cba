import { performance } from 'node:perf_hooks';
import { GetResourcePolicyCommand } from '@aws-sdk/client-secrets-manager';
import fastify from 'fastify';
import { startBed } from './bed.ts';
import { createClient, throughput } from './client.ts';
import { median, printTable, type Row } from './table.ts';

const SHARES = '/v1/secrets/demo%2Fdatabase/shares';
/** A process that serves is warm: its code is compiled, its connections stand. */
const WARM_UP = 300;
const ROUNDS = 60;

/** The service against the bare SDK, side by side in this process, each call over real HTTP through the same proxy. */
export async function benchService(): Promise<Row[]> {
  const bed = await startBed();
  const { url, sdk } = bed;
  /** Every answer of AWS takes this much longer from now on. @returns the policy calls so far */
  const setLatency = (latency: number): Promise<number> => bed.tell({ latency });
  const client = createClient();
  const { arn } = JSON.parse(await client.call('GET', `${url}/v1/secrets/demo%2Fdatabase`, 200)) as { arn: string };

  let account = 300_000_000_000;
  const share = () => client.call('POST', url + SHARES, 201, JSON.stringify({ principal: String(account++) }));
  const bare = () => bed.bare(arn);
  const revokeAll = () =>
    client.call('DELETE', `${url}/v1/secrets/demo%2Fdatabase/policy`, 200, '', { 'if-match': '*' });

  /** Taken in turns, so that a busy moment of the machine meets both. */
  const compare = async (rounds = ROUNDS): Promise<{ ours: number; theirs: number }> => {
    const ours: number[] = [];
    const theirs: number[] = [];
    for (let round = 0; round < rounds; round += 1) {
      ours.push(await timed(share));
      theirs.push(await timed(bare));
    }
    return { ours: median(ours), theirs: median(theirs) };
  };

  const rows: Row[] = [];
  await compare(WARM_UP);
  await revokeAll();
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

  const burst = async (): Promise<number> => {
    const before = await setLatency(0);
    await Promise.all(Array.from({ length: 200 }, share));
    const calls = (await setLatency(0)) - before;
    await revokeAll();
    return calls;
  };
  // The first finds the code of large batches cold.
  await burst();
  const calls = median([await burst(), await burst(), await burst()]);
  rows.push({
    measure: 'policy calls for 200 concurrent shares of one secret',
    ours: String(calls),
    theirs: '400',
    ratio: calls,
    bar: 8,
    better: 'less',
  });
  await share();

  const route = fastify();
  route.get('/', async () =>
    sdk.send(new GetResourcePolicyCommand({ SecretId: arn })).then(({ ResourcePolicy }) => ResourcePolicy),
  );
  const bareUrl = await route.listen({ host: '127.0.0.1', port: 0 });
  for (const readers of [20, 1]) {
    const ours = await throughput(`${url}/v1/secrets/${encodeURIComponent(arn)}/policy`, readers);
    const theirs = await throughput(bareUrl, readers);
    rows.push({
      measure: `GET policy throughput, ${readers} at a time, against a bare Fastify route with the same SDK call`,
      ours: `${ours.toFixed(0)}/s`,
      theirs: `${theirs.toFixed(0)}/s`,
      ratio: ours / theirs,
      bar: 0.7,
      better: 'more',
    });
  }

  client.close();
  await route.close();
  await bed.close();
  return rows;
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

if (import.meta.main) printTable(await benchService());

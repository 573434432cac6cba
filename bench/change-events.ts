import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { SecretsManagerClient, TagResourceCommand } from '@aws-sdk/client-secrets-manager';
import { startBed } from './bed.ts';
import { createClient } from './client.ts';
import { printTable, type Row } from './table.ts';

const EVENTS = 60;
const OWNER = { region: 'us-east-1', credentials: { accessKeyId: 'LOCALOWNER', secretAccessKey: 'x' } };

/** What others change, from their call until the index shows it. */
export async function benchChangeEvents(): Promise<Row> {
  const bed = await startBed({ events: true });
  const client = createClient();
  const owner = new SecretsManagerClient({ ...OWNER, endpoint: bed.endpoint });
  await bed.tell({ create: EVENTS });
  const times: number[] = [];
  for (let each = 0; each < EVENTS; each += 1) {
    const SecretId = `estate/${each}`;
    await owner.send(new TagResourceCommand({ SecretId, Tags: [{ Key: 'told', Value: 'yes' }] }));
    const start = performance.now();
    const path = `/v1/estate/secrets?secret=${encodeURIComponent(SecretId)}&tagKey=told`;
    while (!(await client.call('GET', bed.url + path, 200)).includes('"told":"yes"')) await sleep(10);
    times.push(performance.now() - start);
  }
  owner.destroy();
  client.close();
  await bed.close();
  const p95 = times.sort((a, b) => a - b)[Math.floor(EVENTS * 0.95)] ?? Number.NaN;
  return {
    measure: 'what others change, p95, until it is in the index, against 2 s',
    ...{ ours: `${p95.toFixed(0)} ms`, theirs: '2000 ms', ratio: p95 / 2_000, bar: 1, better: 'less' },
  };
}

if (import.meta.main) printTable([await benchChangeEvents()]);

import { performance } from 'node:perf_hooks';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { startBed } from './bed.ts';
import { createClient } from './client.ts';
import { median, printTable, type Row } from './table.ts';

/** AWS's own quota, in policy calls a second: https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_limits.html */
const RATE_OF_AWS = 50;
const MOST_FROZEN = 1_000;
/** Of a freeze: Get, Put. */
const CALLS_OF_FREEZE = 2;
const SHARES = 60;
/** Shares that tell a median. */
const FEWEST = 15;
/** By which what is kept in memory may grow from a survey of a tenth of the secrets to one of all. */
const MEMORY_BAR = 1.2;
const LOOK_UPS = 200;
const READER = '999999999999';
const EDGES_OF_SECRET = 10;

type Operation = { id: string; finishedAt: string | null; counts: { total: number; applied: number } };

/** The estate against a quota of so many policy calls a second, and against itself when it is small. @param secrets of one account and Region */
export async function benchEstate(secrets = 10_000, rate = RATE_OF_AWS): Promise<Row[]> {
  const bed = await startBed({ requestsPerSecond: rate });
  await bed.tell({ create: Math.floor(secrets / 10) });
  const client = createClient();
  const get = async <Answer>(path: string) => JSON.parse(await client.call('GET', bed.url + path, 200)) as Answer;
  const post = async <Answer>(path: string, status: number, body: object) =>
    JSON.parse(await client.call('POST', bed.url + path, status, JSON.stringify(body))) as Answer;
  const timed = async (work: () => Promise<unknown>) => {
    const start = performance.now();
    await work();
    return performance.now() - start;
  };
  const ended = async (id: string): Promise<Operation> => {
    for (;;) {
      const operation = await get<Operation>(`/v1/operations/${id}`);
      if (operation.finishedAt !== null) return operation;
      await sleep(100);
    }
  };
  let account = 300_000_000_000;
  const share = () => post('/v1/secrets/demo%2Fdatabase/shares', 201, { principal: String(account++) });
  const shares = async (over = () => false) => {
    const times: number[] = [];
    for (let each = 0; each < SHARES && !over(); each += 1) {
      times.push(await timed(share));
      await sleep(20);
    }
    if (times.length < FEWEST) throw new Error(`It was over after ${times.length} shares.`);
    return median(times);
  };

  const rows: Row[] = [];
  const surveyed = async () => ended((await post<Operation>('/v1/estate/surveys', 202, {})).id);
  await surveyed();
  const ofFew = keptMemory();
  await bed.tell({ create: secrets });
  await shares();
  const alone = await shares();
  let meanwhile = Number.NaN;
  const survey = await timed(async () => {
    const { id } = await post<Operation>('/v1/estate/surveys', 202, {});
    [meanwhile] = await Promise.all([shares(), ended(id)]);
  });
  const quota = (secrets / rate) * 1_000;
  rows.push(against(`survey of ${secrets} secrets, against the quota of ${rate}/s alone`, survey, quota, 1.25));
  const ofAll = keptMemory();
  rows.push({
    measure: `memory that is kept after a survey of ${secrets} secrets, against a tenth of them`,
    ...{ ours: megabytes(ofAll), theirs: megabytes(ofFew), ratio: ofAll / ofFew, bar: MEMORY_BAR, better: 'less' },
  });
  rows.push(against(`share, p50, while a survey runs at ${rate}/s, against none`, meanwhile, alone, 1.1));

  const frozen = Math.min(MOST_FROZEN, secrets);
  const secretIds = Array.from({ length: frozen }, (_, at) => `estate/${at}`);
  const items = secretIds.map((secretId) => ({ secretId, principal: '222222222222', acknowledgeUnreadable: true }));
  const before = await shares();
  const bulk = await post<Operation>('/v1/bulk/shares', 202, { items });
  let over = false;
  const whole = ended(bulk.id).finally(() => {
    over = true;
  });
  const beside = await shares(() => over);
  rows.push(against(`share, p50, while a bulk of ${frozen} runs at ${rate}/s, against none`, beside, before, 1.1));
  const { counts: shared } = await whole;
  if (shared.applied !== frozen) throw new Error(JSON.stringify(shared));

  const { token } = await post<{ token: string }>('/v1/incidents?dryRun=true', 200, { freeze: { secretIds } });
  const freeze = await timed(async () => {
    const { id } = await post<{ id: string }>('/v1/incidents', 202, { freeze: { secretIds }, token });
    const { counts } = await ended(id);
    if (counts.applied !== frozen) throw new Error(JSON.stringify(counts));
  });
  const due = ((frozen * CALLS_OF_FREEZE) / rate) * 1_000;
  rows.push(against(`freeze of ${frozen} secrets, against the quota of ${rate}/s alone`, freeze, due, 1.25));

  const look = () => get<{ items: unknown[] }>(`/v1/principals/${READER}/secrets`);
  const p95 = async (): Promise<number> => {
    for (let warm = 0; warm < LOOK_UPS / 4; warm += 1) await look();
    const times: number[] = [];
    for (let each = 0; each < LOOK_UPS; each += 1) times.push(await timed(look));
    return times.sort((a, b) => a - b)[Math.floor(LOOK_UPS * 0.95)] ?? Number.NaN;
  };
  fill(bed.database, 0, 100);
  const few = await p95();
  fill(bed.database, 100, 100_000);
  const many = await p95();
  if ((await look()).items.length !== READ) throw new Error('The reader reads other secrets than it was let.');
  rows.push(against('look-up from the reader’s side, p95, over 1,000,000 edges, against 1,000', many, few, 2));
  rows.push(against('the same, against 50 ms', many, 50, 1));
  client.close();
  await bed.close();
  return rows;
}

const against = (measure: string, ours: number, theirs: number, bar: number): Row => ({
  ...{ measure, ours: shown(ours), theirs: shown(theirs), ratio: ours / theirs, bar, better: 'less' },
});
const shown = (ms: number): string => (ms < 1_000 ? `${ms.toFixed(1)} ms` : `${(ms / 1_000).toFixed(1)} s`);

/** Bytes that are left after garbage collection, inside and outside of the heap. */
function keptMemory(): number {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc')();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

const megabytes = (bytes: number): string => `${Math.round(bytes / 1_048_576)} MiB`;

/** Secrets that the reader reads, the first of all. */
const READ = 10;

/** Secrets as a survey leaves them, from a number to another: with ten edges each. */
function fill(file: string, from: number, to: number): void {
  const database = new DatabaseSync(file, { timeout: 30_000 });
  const secret = database.prepare(
    `insert into estate_secrets (arn, account, region, secret, policy, exposure, readers, denials, seen_at, looked_at)
     values (?, '111111111111', 'us-west-2', ?, ?, 'outside', 10, 0, 0, 0)`,
  );
  const edge = database.prepare('insert into estate_edges (arn, principal, account) values (?, ?, ?)');
  database.exec('begin');
  for (let at = from; at < to; at += 1) {
    const arn = `arn:aws:secretsmanager:us-west-2:111111111111:secret:many/${String(at).padStart(6, '0')}-AbCdEf`;
    const accounts = Array.from({ length: EDGES_OF_SECRET }, (_, each) =>
      each === 0 && at < READ ? READER : String(400_000_000_000 + at * EDGES_OF_SECRET + each),
    );
    const AWS = accounts.map((account) => `arn:aws:iam::${account}:root`);
    const Statement = { Effect: 'Allow', Action: 'secretsmanager:GetSecretValue', Principal: { AWS }, Resource: '*' };
    secret.run(arn, JSON.stringify(secretOf(arn)), JSON.stringify({ Version: '2012-10-17', Statement }));
    for (const [each, principal] of AWS.entries()) edge.run(arn, principal, accounts[each] ?? '');
  }
  database.exec('commit');
  database.close();
}

const secretOf = (arn: string) => ({
  ...{ arn, name: arn.split(':').at(-1)?.slice(0, -7), description: null, partition: 'aws', region: 'us-west-2' },
  ...{ account: '111111111111', kmsKeyId: null, owningService: null, deletedAt: null, primaryRegion: null },
  ...{ replicaRegions: [], replicas: [], tags: {}, rotation: null },
});

if (import.meta.main)
  printTable(await benchEstate(Number(process.argv[2] ?? 10_000), Number(process.argv[3] ?? RATE_OF_AWS)));

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { httpServer } from '../../plugins/limits/http-limits.ts';
import type { EventDraft } from '../../src/audit/event.ts';
import { connect } from '../../src/database/connect.ts';
import { draft, outcome } from '../audit/draft.ts';
import { patientJournal } from '../audit/patient-journal.ts';
import { APP_ROLE } from '../helper.ts';
import { runs, SEED } from '../runs.ts';
import { eventually } from '../wait.ts';
import { type Bed, startBed } from './bed.ts';
import { send } from './client.ts';
import { limitedMemory } from './memory-group.ts';
import { createRandom } from './random.ts';
import { type ServiceProcess, startService } from './service-process.ts';

/** The memory limit of deploy/kubernetes/deployment.yaml. */
const LIMIT_MIB = 512;
const CHANGES = 100;
const SECRETS = 100;
const READERS = 50;
const MIXES = runs(2, 4, 30);

/** Nearly as large as AWS takes one: 19 kB. */
const largePolicy = (n: number) => ({
  Version: '2012-10-17' as const,
  Statement: Array.from({ length: 55 }, (_, index) => ({
    ...{ Sid: `S${n}x${index}`, Effect: 'Allow' as const, Action: 'secretsmanager:GetSecretValue', Resource: '*' },
    Principal: { AWS: APP_ROLE },
    Condition: { StringEquals: { 'aws:PrincipalTag/team': `team-${index}-`.repeat(20) } },
  })),
});

const change = (n: number): EventDraft[] => {
  const policy = { before: largePolicy(n), after: largePolicy(n + 1), beforeHash: 'before', afterHash: 'after' };
  const changeId = `change-${n}`;
  return [draft({ changeId, policy }), outcome({ changeId, policy })];
};

/** A database with events of full policies. */
async function fill(url: string): Promise<void> {
  const database = await connect(url);
  const journal = patientJournal({ database, clock: () => new Date() });
  for (let n = 0; n < CHANGES; n += 1) await journal.append(change(n));
  await database.close();
}

/** Secrets with full policies. @returns how they are named in a path */
function fillAws({ aws, attach }: Bed): string {
  attach('demo/database', largePolicy(0).Statement);
  for (let n = 0; n < SECRETS; n += 1) {
    aws.call('LOCALOWNER', 'us-east-1', 'secretsmanager', 'CreateSecret', { Name: `many/${n}`, SecretString: 'x' });
    attach(`many/${n}`, largePolicy(n).Statement);
  }
  return '/v1/secrets/demo%2Fdatabase';
}

async function survey({ url }: ServiceProcess): Promise<string> {
  const begun = await send(url, { method: 'POST', path: '/v1/estate/surveys', body: {} });
  const location = String(begun?.headers.get('location'));
  await eventually(async () => {
    const { json } = (await send(url, { method: 'GET', path: location })) ?? {};
    if (typeof json?.finishedAt !== 'string') throw new Error(JSON.stringify(json));
  });
  return location;
}

/** Milliseconds that a silent connection is kept at least: where fifty pages are judged at once, a busy machine takes longer. */
const KEPT_MS = Math.min(httpServer.connectionTimeout, httpServer.keepAliveTimeout);
const PAGE = '/v1/audit-events?limit=1000';
type Read = { path: string; accept?: string; body?: object };

/** Everything that reads, by what it takes most. */
const readsOf = (secret: string, operation: string): Read[] => [
  { path: PAGE },
  { path: '/v1/audit-events?limit=1000&phase=outcome' },
  { path: '/v1/audit-events?limit=1000&format=ocsf' },
  { path: '/v1/audit-events?limit=1000&view=changes&documents=true' },
  { path: '/v1/audit-events', accept: 'application/x-ndjson' },
  { path: '/v1/audit-events?format=ocsf', accept: 'application/x-ndjson' },
  { path: '/v1/audit-events?view=changes', accept: 'text/csv' },
  { path: '/v1/audit-events/verification' },
  { path: '/v1/operations?limit=1000' },
  { path: operation },
  { path: `${operation}/items?limit=1000` },
  { path: `${operation}/events` },
  { path: '/v1/secrets?limit=100' },
  { path: secret },
  { path: `${secret}/policy` },
  { path: `${secret}/shares?limit=1000` },
  { path: `${secret}/readers` },
  { path: `${secret}/access-checks`, body: { principal: APP_ROLE } },
  { path: '/v1/manifests/export?secretId=demo%2Fdatabase&secretId=many%2F1&secretId=many%2F2' },
  { path: '/v1/estate' },
  { path: '/v1/estate/secrets?limit=100' },
  { path: `/v1/principals/${encodeURIComponent(APP_ROLE)}/secrets?limit=100` },
  { path: '/v1/findings?limit=100' },
  { path: '/v1/approvals?limit=50' },
  { path: '/v1/incidents' },
  { path: '/v1/templates' },
  { path: '/metrics' },
];

/** `status`: null where it was cut off for its time. */
async function read(url: string, { path, accept = 'application/json, text/event-stream', body }: Read) {
  const headers = { accept, ...(body && { 'content-type': 'application/json' }) };
  const posted = body && { method: 'POST', body: JSON.stringify(body) };
  const begun = performance.now();
  const answer = await fetch(`${url}${path}`, { headers, ...posted }).catch((error) => {
    if (performance.now() - begun < KEPT_MS) throw error;
    return null;
  });
  let bytes = 0;
  for await (const chunk of answer?.body ?? []) bytes += chunk.byteLength;
  return { path, status: answer?.status ?? null, bytes };
}

const peakMiB = (pid: number): number =>
  Number(/^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1_024;

t.test(
  'any mix of fifty reads at once fits into the memory of the manifest',
  { skip: existsSync('/proc/self/status') ? false : 'only Linux says how much memory a process has had' },
  async (t) => {
    const bed = await startBed(t);
    const secret = fillAws(bed);
    const database = `sqlite:${join(t.testdirName, 'audit.db')}`;
    await fill(database);
    const group = limitedMemory(t, LIMIT_MIB);
    const service = await startService(t, { database, endpoint: bed.aws.url, group });
    t.comment(`${group === undefined ? 'Without a limit that kills' : `Within ${group}`}; SEED=${SEED}`);
    const reads = readsOf(secret, await survey(service));
    const idle = peakMiB(service.pid);
    const random = createRandom(SEED);
    const alike = reads
      .slice(0, runs(0, 0, reads.length))
      .map((read) => ({ name: read.path, mix: Array.from({ length: READERS }, () => read) }));
    const mixed = Array.from({ length: MIXES }, (_, n) => ({
      name: `mix ${n + 1}`,
      mix: Array.from({ length: READERS }, () => random.pick(reads)),
    }));
    for (const { name, mix } of [...alike, ...mixed]) await look(t, service, name, mix);
    const peak = peakMiB(service.pid);
    t.comment(`${Math.round(idle)} MiB at the start, ${Math.round(peak)} MiB at most`);
    t.ok(peak < LIMIT_MIB, `${peak} MiB`);
  },
);

async function look(t: Test, { url, pid }: ServiceProcess, name: string, mix: Read[]): Promise<void> {
  const begun = performance.now();
  const answers = await Promise.all(mix.map((each) => read(url, each)));
  const cut = answers.filter(({ status }) => status === null).length;
  if (cut > 0) t.comment(`${cut} were cut off for their time`);
  const failed = answers.filter(({ status }) => status !== 200 && status !== null);
  t.same(failed, [], name);
  t.ok(cut < mix.length, 'some are served whole');
  const pages = answers.filter(({ path, status }) => path === PAGE && status === 200);
  t.ok(
    pages.every(({ bytes }) => bytes > 900_000),
    'pages are full',
  );
  t.match(await send(url, { method: 'GET', path: '/livez' }), { status: 200 }, 'it is still there');
  const bytes = answers.reduce((sum, answer) => sum + answer.bytes, 0);
  const seconds = ((performance.now() - begun) / 1_000).toFixed(1);
  t.comment(`${name}: ${(bytes / 1e6).toFixed(1)} MB in ${seconds} s, ${Math.round(peakMiB(pid))} MiB so far`);
}

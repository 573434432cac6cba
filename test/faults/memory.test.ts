import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import type { EventDraft } from '../../src/audit/event.ts';
import { connect } from '../../src/database/connect.ts';
import { createJournal } from '../../src/database/journal/journal.ts';
import { draft, outcome } from '../audit/draft.ts';
import { startBed } from './bed.ts';
import { startService } from './service-process.ts';

/** The memory limit of deploy/kubernetes/deployment.yaml. */
const LIMIT_MIB = 512;
const CHANGES = 400;
const READERS = 50;

/** Nearly as large as AWS takes one: 19 kB. */
const policyOf = (n: number) => ({
  Version: '2012-10-17' as const,
  Statement: Array.from({ length: 60 }, (_, index) => ({
    ...{ Sid: `S${n}x${index}`, Effect: 'Allow' as const, Action: 'secretsmanager:GetSecretValue', Resource: '*' },
    Principal: { AWS: `arn:aws:iam::300000000000:role/${`role-${index}-`.repeat(20)}` },
  })),
});

const change = (n: number): EventDraft[] => {
  const policy = { before: policyOf(n), after: policyOf(n + 1), beforeHash: 'before', afterHash: 'after' };
  const changeId = `change-${n}`;
  return [draft({ changeId, policy }), outcome({ changeId, policy })];
};

/** A database with events of full policies. */
async function fill(url: string): Promise<void> {
  const database = await connect(url);
  const journal = createJournal({ database, clock: () => new Date(), timeoutMs: 600_000 });
  for (let n = 0; n < CHANGES; n += 1) await journal.append(change(n));
  await database.close();
}

const peakMiB = (pid: number): number =>
  Number(/^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1_024;

const PATHS = [
  '/v1/audit-events?limit=1000',
  '/v1/audit-events?limit=1000&phase=outcome',
  '/v1/audit-events?limit=1000&format=ocsf',
  '/v1/audit-events?limit=1000&view=changes&documents=true',
  '/v1/operations?limit=1000',
  '/v1/secrets?limit=100',
  '/v1/secrets/demo%2Fdatabase/policy',
  '/v1/secrets/demo%2Fdatabase/readers',
];

t.test(
  'fifty readers of full policies at once fit into the memory of the manifest',
  { skip: existsSync('/proc/self/status') ? false : 'only Linux says how much memory a process has had' },
  async (t) => {
    const { aws } = await startBed(t);
    const database = `sqlite:${join(t.testdirName, 'audit.db')}`;
    await fill(database);
    const service = await startService(t, { database, endpoint: aws.url });
    const idle = peakMiB(service.pid);
    for (let round = 0; round < 4; round += 1) {
      const answers = await Promise.all(
        Array.from({ length: READERS }, async (_, index) => {
          const answer = await fetch(`${service.url}${PATHS[index % PATHS.length]}`);
          return { status: answer.status, bytes: (await answer.text()).length };
        }),
      );
      t.same([...new Set(answers.map(({ status }) => status))], [200]);
      t.ok(Math.max(...answers.map(({ bytes }) => bytes)) > 900_000, 'pages are full');
    }
    const peak = peakMiB(service.pid);
    t.comment(`${Math.round(idle)} MiB at the start, ${Math.round(peak)} MiB at most with ${READERS} readers`);
    t.ok(peak < LIMIT_MIB, `${peak} MiB`);
  },
);

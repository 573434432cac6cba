/**
 * The audit journal's figures: `node bench/audit.ts [events [url-of-small url-of-large]]`, 100,000 events unless told, on
 * SQLite in a temporary directory unless two empty databases are given. Ratios are what counts; the machine makes the times.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { EventDraft } from '../src/audit/event.ts';
import { connect } from '../src/database/connect.ts';
import type { Database } from '../src/database/database.ts';
import { createJournal, type Journal } from '../src/database/journal/journal.ts';
import { printTable, type Row } from './table.ts';

const command = fileURLToPath(new URL('../bin/audit-verify.ts', import.meta.url));
const SMALL = 1_000;
const EVENTS_PER_SECRET = 100;

const arn = (secret: number) => `arn:aws:secretsmanager:us-east-1:111111111111:secret:team/service-${secret}/db-AbCdEf`;

const policyOf = (count: number) => ({
  Version: '2012-10-17' as const,
  Statement: [
    {
      Sid: 'ShareX1',
      Effect: 'Allow' as const,
      Principal: { AWS: Array.from({ length: count }, (_, index) => `arn:aws:iam::${100_000_000_000 + index}:root`) },
      Action: ['secretsmanager:DescribeSecret', 'secretsmanager:GetSecretValue'],
      Resource: '*',
    },
  ],
});

/** Event `number` of a journal whose events are spread over its secrets, so that a secret's page lies all over the table. */
const draftOf = (number: number, secrets: number): EventDraft => {
  const secret = Math.floor(number / 2) % secrets;
  const isIntent = number % 2 === 0;
  return {
    phase: isIntent ? 'intent' : 'outcome',
    changeId: `change-${Math.floor(number / 2)}`,
    actor: { subject: `user-${number % 37}`, issuer: 'https://issuer.example', method: 'jwt' },
    source: { ip: '192.0.2.1', userAgent: 'bench' },
    requestId: `request-${number}`,
    traceId: null,
    action: 'share',
    secret: { arn: arn(secret), name: `team/service-${secret}/db`, account: '111111111111', region: 'us-east-1' },
    request: { principal: '222222222222', actions: ['secretsmanager:GetSecretValue'] },
    reason: 'bench',
    ticket: null,
    policy: { before: policyOf(2), after: policyOf(3), beforeHash: 'b'.repeat(43), afterHash: 'a'.repeat(43) },
    outcome: isIntent ? null : 'applied',
    error: null,
    awsRequestId: null,
  };
};

const fill = async (journal: Journal, events: number, secrets: number) => {
  const PER_CALL = 100;
  for (let next = 0; next < events; ) {
    const calls: Promise<unknown>[] = [];
    for (; next < events && calls.length < 20; next += PER_CALL) {
      const first = next;
      const drafts = Array.from({ length: Math.min(PER_CALL, events - first) }, (_, index) =>
        draftOf(first + index, secrets),
      );
      calls.push(journal.append(drafts));
    }
    await Promise.all(calls);
  }
};

const percentile = (values: number[], share: number) =>
  values.toSorted((one, other) => one - other)[Math.ceil(values.length * share) - 1] ?? Number.NaN;

type Subject = { events: number; secrets: number; url: string; database: Database; journal: Journal };

const prepare = async (events: number, url: string): Promise<Subject> => {
  const database = await connect(url, { timeoutMs: 60_000 });
  const journal = createJournal({ database, clock: () => new Date(), timeoutMs: 60_000 });
  const secrets = events / EVENTS_PER_SECRET;
  const begun = performance.now();
  await fill(journal, events, secrets);
  console.log(`filled ${events} events: ${Math.round(events / ((performance.now() - begun) / 1_000))}/s`);
  return { events, secrets, url, database, journal };
};

/** Milliseconds of a call on each subject, in turn, so that what else the machine does falls on both alike. */
const inTurn = async (rounds: number, subjects: Subject[], call: (subject: Subject) => Promise<unknown>) => {
  const times = subjects.map((): number[] => []);
  for (let round = 0; round < rounds; round++) {
    for (const [index, subject] of subjects.entries()) {
      const begun = performance.now();
      await call(subject);
      times[index]?.push(performance.now() - begun);
    }
  }
  return times.map((all) => {
    const warm = all.slice(rounds / 5);
    return { p50: percentile(warm, 0.5), p95: percentile(warm, 0.95) };
  });
};

const list = async ({ journal, secrets }: Subject) => {
  const secret = arn(Math.floor(Math.random() * secrets));
  const { items } = await journal.list({ secret }, { limit: EVENTS_PER_SECRET });
  if (items.length !== EVENTS_PER_SECRET) throw new Error(`${items.length} events of ${secret}`);
};

const append = ({ journal, secrets }: Subject) => journal.append([draftOf(Math.floor(Math.random() * 1e9), secrets)]);

/** Calls at the same time share transactions: what 64 changes of 64 secrets do. */
const appendTogether = (subject: Subject) => Promise.all(Array.from({ length: 64 }, () => append(subject)));

const verificationRate = async ({ journal }: Subject) => {
  const begun = { time: performance.now(), cpu: process.cpuUsage() };
  const { intact, events } = await journal.verify();
  if (!intact) throw new Error('the chain is broken');
  const { user, system } = process.cpuUsage(begun.cpu);
  return { wall: events / ((performance.now() - begun.time) / 1e3), cpu: events / ((user + system) / 1e6) };
};

/** The most memory that `npm run audit:verify` takes, in MB. Not by its maxRSS, which begins with what this process has. */
const verificationMemory = ({ url }: Subject): number => {
  const report =
    'data:text/javascript,import{readFileSync as r}from"node:fs";' +
    'process.on("exit",()=>console.error(/VmHWM:\\s+(\\d+)/.exec(r("/proc/self/status","utf8"))[1]))';
  const { stderr, status } = spawnSync(process.execPath, ['--import', report, command, '--database', url], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(stderr);
  return Number(stderr) / 1_024;
};

export async function benchAudit(large: number, smallUrl?: string, largeUrl?: string): Promise<Row[]> {
  const directory = mkdtempSync(join(tmpdir(), 'bench-audit-'));
  const small = await prepare(SMALL, smallUrl ?? `sqlite:${join(directory, 'small.db')}`);
  const big = await prepare(large, largeUrl ?? `sqlite:${join(directory, 'large.db')}`);
  const both = [small, big];
  const lists = await inTurn(1_000, both, list);
  const verified = await verificationRate(big);
  const memory = both.map(verificationMemory);
  const appends = await inTurn(500, both, append);
  const together = await inTurn(50, both, appendTogether);
  for (const { database } of both) await database.close();
  rmSync(directory, { recursive: true });

  const against = (measure: string, unit: string, values: number[], bar: number): Row => {
    const [one = Number.NaN, other = Number.NaN] = values;
    const [ours, theirs] = [other, one].map((value) => `${value.toFixed(2)} ${unit}`) as [string, string];
    return {
      measure: `${measure}, ${large} events against ${SMALL}`,
      ours,
      theirs,
      ratio: other / one,
      bar,
      better: 'less',
    };
  };
  return [
    against(
      'audit list by secret, p95',
      'ms',
      lists.map(({ p95 }) => p95),
      2,
    ),
    {
      measure: `verification of ${large} events, events a second`,
      ours: `${Math.round(verified.wall)}/s (${Math.round(verified.cpu)} a CPU second)`,
      theirs: '',
      ratio: verified.wall,
      bar: 50_000,
      better: 'more',
    },
    against('verification, peak RSS', 'MB', memory, 1.5),
    against(
      'append of one event, p50',
      'ms',
      appends.map(({ p50 }) => p50),
      2,
    ),
    against(
      'append of 64 at once, p50',
      'ms',
      together.map(({ p50 }) => p50),
      2,
    ),
  ];
}

if (import.meta.main) {
  const [size = 100_000, smallUrl, largeUrl] = process.argv.slice(2);
  printTable(await benchAudit(Number(size), smallUrl, largeUrl));
}

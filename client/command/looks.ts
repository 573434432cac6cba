import { Option } from 'commander';
import { answered, EXIT } from './answers.ts';
import { all, collect, type Schemas } from './call.ts';
import { LEGS } from './print.ts';
import type { Commands } from './run.ts';

/** As many lines as people read; programs ask for more, or use the pages of the API. */
const LINES = 100;

export const lookCommands: Commands = (program, act) => {
  program
    .command('who <secret>')
    .description('who can read a secret, until when, and by whose word')
    .action((secretId: string) =>
      act(async ({ client, out }) => {
        const page = async (cursor: string | undefined) =>
          answered(
            client.GET('/v1/secrets/{secretId}/readers', { params: { path: { secretId }, query: asked(cursor) } }),
          );
        const { denied, notes } = await page(undefined);
        const readers = await collect(page);
        out.give({ readers, denied, notes });
        const rows = readers.map((reader) => [
          reader.principal,
          wordOf(reader),
          reader.expiresAt ?? '',
          ...byWhom(reader),
        ]);
        const refused = denied.map((one) => [one.principal, 'denied', '', ...byWhom(one)]);
        out.table(
          ['WHO', 'READS', 'UNTIL', 'BY', 'WHY'],
          [...rows, ...refused],
          `The policy of ${secretId} names nobody.`,
        );
        for (const note of notes) out.say(note);
        return EXIT.done;
      }),
    );

  program
    .command('what <principal>')
    .description('what an account, user or role can read, over all accounts and Regions')
    .action((principal: string) =>
      act(async ({ client, out }) => {
        const page = async (cursor: string | undefined) =>
          answered(
            client.GET('/v1/principals/{principal}/secrets', { params: { path: { principal }, query: asked(cursor) } }),
          );
        const items = await collect(page);
        out.give({ items });
        const rows = items.map(({ secret, account, region, via, asOf, ...judged }) => [
          ...[secret.name, account, region, readsOf(judged), via.join(', '), asOf],
        ]);
        out.table(
          ['SECRET', 'ACCOUNT', 'REGION', 'READS', 'THROUGH', 'AS OF'],
          rows,
          `Nothing that was surveyed lets ${principal} read.`,
        );
        return EXIT.done;
      }),
    );

  program
    .command('log [secret]')
    .description('who changed what')
    .option('--since <time>', 'how long ago: 12h, 7d, 4w', '7d')
    .option('--actor <name>', 'whose changes')
    .action((secret: string | undefined, { since, actor }: { since: string; actor?: string }) =>
      act(async ({ client, out }) => {
        const filter = { ...(secret !== undefined && { secret }), ...(actor !== undefined && { actor }) };
        const page = async (cursor: string | undefined) =>
          answered(
            client.GET('/v1/audit-events', {
              params: { query: { view: 'changes', since, ...filter, ...asked(cursor) } },
            }),
          ) as Promise<Schemas['RecordedChangePage']>;
        const items: Schemas['RecordedChange'][] = [];
        let isAll = true;
        for await (const change of all(page)) {
          if (items.length === LINES && !out.json) {
            isAll = false;
            break;
          }
          items.push(change);
        }
        out.give({ items });
        const rows = items.map(({ time, actor: by, secret: of, summary, reason }) => [
          time,
          by.subject,
          of.name,
          summary,
          reason ?? '',
        ]);
        out.table(['WHEN', 'WHO', 'SECRET', 'WHAT', 'WHY'], rows, 'Nothing was changed in that time.');
        if (!isAll) out.say(`The last ${LINES}; --json gives all.`);
        return EXIT.done;
      }),
    );

  program
    .command('findings')
    .description('what is certainly wrong, and what mends it')
    .addOption(new Option('--severity <severity>', 'only these').choices(['critical', 'high', 'medium', 'low']))
    .action(({ severity }: { severity?: Schemas['Finding']['severity'] }) =>
      act(async ({ client, out }) => {
        const page = async (cursor: string | undefined) =>
          answered(
            client.GET('/v1/findings', {
              params: { query: { status: 'open', ...(severity && { severity }), ...asked(cursor) } },
            }),
          );
        const items = await collect(page);
        out.give({ items });
        const rows = items.map((one) => [one.severity, one.kind, one.secret.name, one.since, one.detail]);
        out.table(
          ['SEVERITY', 'KIND', 'SECRET', 'SINCE', 'WHAT'],
          rows,
          'Nothing that was surveyed is certainly wrong.',
        );
        return EXIT.done;
      }),
    );

  program
    .command('doctor')
    .description('does it work: the service, its database, AWS, who you are')
    .action(() =>
      act(async ({ client, url, out }) => {
        const ready = await client.GET('/readyz');
        const found = (ready.data ?? ready.error) as Partial<Schemas['Readiness']> | undefined;
        const me = await client.GET('/v1/me');
        const checks = [
          ['address', url],
          ['service', ready.response.ok ? 'ready' : `not ready (${ready.response.status})`],
          ['database', found?.database ?? 'not known'],
          ['AWS', awsOf(found?.aws)],
          ['you', me.data === undefined ? `not known (${me.response.status})` : me.data.subject],
          ['groups', me.data?.groups.join(', ') || 'none'],
          [
            'you may',
            Object.entries(me.data?.capabilities ?? {})
              .flatMap(([name, may]) => (may ? [name] : []))
              .join(', ') || 'nothing',
          ],
        ];
        out.give({ url, ready: ready.response.ok, me: me.data ?? null });
        out.table(['WHAT', 'HOW IT IS'], checks, '');
        return ready.response.ok && me.data !== undefined ? EXIT.done : EXIT.failed;
      }),
    );
};

const asked = (cursor: string | undefined) => (cursor === undefined ? {} : { cursor });

const wordOf = ({ expired, orphaned, ...judged }: Schemas['Reader']): string => {
  if (orphaned) return 'no: deleted';
  return expired ? 'no: over' : readsOf(judged);
};

/** The policy’s word, and what else it takes: who is let by one of two is not yet let. */
function readsOf({ decision, legs, exceptions }: Pick<Schemas['Reader'], 'decision' | 'legs' | 'exceptions'>): string {
  const of = (wanted: string) => [
    ...new Set(legs.flatMap(({ leg, status }) => (status === wanted ? [LEGS[leg]] : []))),
  ];
  const [missing, unknown] = [of('missing'), of('unknown')];
  const all =
    decision !== 'allowed'
      ? WORDS[decision]
      : missing.length > 0
        ? `not yet: ${missing.join(', ')}`
        : unknown.length > 0
          ? `yes, if: ${unknown.join(', ')}`
          : 'yes';
  return exceptions.length === 0 ? all : `${all}, but for ${exceptions.length}`;
}

const awsOf = (aws: Schemas['Readiness']['aws'] | undefined): string => {
  if (aws === undefined) return 'not known';
  if (aws.problem !== null) return `does not answer (${aws.problem})`;
  return aws.lastAnswer === null ? 'not asked yet' : `answered at ${aws.lastAnswer}`;
};

const WORDS = { explicitlyDenied: 'no: denied', implicitlyDenied: 'no', unknown: 'depends' } as const;

/** Whose word the last entry about somebody was, and what was said. */
const byWhom = ({ entries }: Pick<Schemas['Reader'], 'entries'>): [string, string] => {
  const [last] = entries.toSorted((a, b) => ((a.at ?? '') > (b.at ?? '') ? -1 : 1));
  return [last?.by?.subject ?? '', last?.reason ?? ''];
};

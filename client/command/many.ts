import { readFileSync } from 'node:fs';
import { Option } from 'commander';
import { parse } from 'yaml';
import { answered, EXIT, type Exit } from './answers.ts';
import { changed, ended, looked, type Schemas } from './call.ts';
import { collect, why, withWhy } from './changes.ts';
import { readCsv } from './csv.ts';
import type { Commands, Context } from './run.ts';

type Why = { reason?: string; ticket?: string; dryRun?: boolean };

export const manyCommands: Commands = (program, act) => {
  withWhy(
    program
      .command('bulk')
      .description('many changes, one a row: secretId,principal,expiresIn,… (revocations: secretId,kind,id)'),
  )
    .requiredOption('-f, --file <csv>', 'a table with a line of names; - for standard input')
    .addOption(
      new Option('--what <what>', 'what each row is').choices(['shares', 'denials', 'revocations']).default('shares'),
    )
    .option('-n, --dry-run', 'only say what would happen')
    .option('--wait', 'until all have ended')
    .action((said: Why & { file: string; what: What; wait?: boolean }) =>
      act(async (context) => {
        const items = readCsv(textOf(said.file)).map(itemOf);
        const query = said.dryRun === true ? { dryRun: true } : {};
        const ask = (header: object) => begin(context, said.what, { items, ...why(said) }, { query, header });
        return follow(context, await changed<Schemas['Operation']>(ask), said.wait === true);
      }),
    );

  program
    .command('plan')
    .description('what applying a file of desired entries would do')
    .requiredOption('-f, --file <yaml>', 'YAML or JSON: secrets: {NAME: {shares: [], denials: [], restrictions: []}}')
    .action(({ file }: { file: string }) =>
      act(async ({ client, out }) => {
        const plan = await answered(client.POST('/v1/manifests/plan', { body: manifestOf(file) }));
        out.give(plan);
        for (const [name, { add, remove, summary }] of Object.entries(plan.secrets)) {
          if (add.length + remove.length > 0) out.say(`${name}: ${summary}`);
          for (const entry of add) out.say(`  + ${entry.kind} ${wordsOf(entry)}`);
          for (const entry of remove) out.say(`  - ${entry.kind} ${wordsOf(entry)}`);
        }
        out.say(plan.empty ? 'Nothing to do.' : `  secret-access apply -f ${file} --plan ${plan.plan}`);
        return plan.empty ? EXIT.done : EXIT.notEmpty;
      }),
    );

  withWhy(program.command('apply').description('make it so'))
    .requiredOption('-f, --file <yaml>', 'as for plan')
    .option('--plan <plan>', 'only as that plan said it')
    .option('-n, --dry-run', 'only say what would happen')
    .option('--no-wait', 'do not wait until it has ended')
    .action((said: Why & { file: string; plan?: string; wait: boolean }) =>
      act(async (context) => {
        const body = { ...manifestOf(said.file), ...(said.plan !== undefined && { plan: said.plan }), ...why(said) };
        const query = said.dryRun === true ? { dryRun: true } : {};
        const ask = (header: object) => context.client.POST('/v1/manifests/apply', { params: { query, header }, body });
        return follow(context, await changed<Schemas['Operation']>(ask), said.wait);
      }),
    );
};

type What = 'shares' | 'denials' | 'revocations';
type Sent = { params: { query: object; header: object } };

function begin({ client }: Context, what: What, body: object, params: Sent['params']) {
  switch (what) {
    case 'shares':
      return client.POST('/v1/bulk/shares', { params, body: body as Schemas['BulkShareRequest'] });
    case 'denials':
      return client.POST('/v1/bulk/denials', { params, body: body as Schemas['BulkDenialRequest'] });
    case 'revocations':
      return client.POST('/v1/bulk/revocations', { params, body: body as Schemas['BulkRevocationRequest'] });
  }
}

/** Until it has ended, where that is wanted; then what was not done, and why. */
async function follow(context: Context, begun: Schemas['Operation'], wait: boolean): Promise<Exit> {
  const { client, out, progress } = context;
  if (!wait) {
    out.give(begun);
    out.say(`Begun: ${begun.counts.total} changes, operation ${begun.id}`);
    return EXIT.done;
  }
  const operation = await ended(client, begun.id, ({ counts }) => progress(barOf(counts)));
  progress('');
  const items = await collect(async (cursor: string | undefined) =>
    looked<Schemas['OperationItemPage']>(() =>
      client.GET('/v1/operations/{operationId}/items', {
        params: { path: { operationId: begun.id }, query: cursor === undefined ? {} : { cursor } },
      }),
    ),
  );
  const { counts } = operation;
  out.give({ ...operation, items });
  const open = items.filter(
    ({ status }) => status === 'failed' || status === 'awaitingApproval' || status === 'cancelled',
  );
  const rows = open.map(({ secretId, status, result }) => [
    secretId,
    status,
    result?.problem?.detail ?? result?.approvalId ?? '',
  ]);
  if (rows.length > 0) out.table(['SECRET', 'HOW IT ENDED', 'WHY'], rows, '');
  const done = operation.dryRun ? 'would be done' : 'done';
  out.say(
    `${counts.applied} ${done}, ${counts.unchanged} already so, ${counts.awaitingApproval} wait, ${counts.failed} failed.`,
  );
  if (counts.failed + counts.cancelled > 0) return EXIT.refused;
  return counts.awaitingApproval > 0 ? EXIT.pending : EXIT.done;
}

const WIDTH = 30;
function barOf({ total, pending, running }: Schemas['Operation']['counts']): string {
  const ready = total - pending - running;
  const filled = Math.round((ready / Math.max(total, 1)) * WIDTH);
  return `[${'#'.repeat(filled)}${'.'.repeat(WIDTH - filled)}] ${ready} of ${total}`;
}

const LISTS = ['actions', 'versionStages', 'sourceVpcEndpoints'];

/** A row as the API takes it: lists have `;` between their members. */
const itemOf = (row: Record<string, string>): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(row).map(([name, value]) => {
      if (LISTS.includes(name)) return [name, value.split(/\s*;\s*/)];
      return [name, value === 'true' || value === 'false' ? value === 'true' : value];
    }),
  );

const manifestOf = (path: string): Schemas['ManifestRequest'] => parse(textOf(path)) as Schemas['ManifestRequest'];

const textOf = (path: string): string => readFileSync(path === '-' ? 0 : path, 'utf8');

const wordsOf = ({ words, expiresAt }: Schemas['AccessEntry']): string =>
  [words.who, ...words.conditions, ...(expiresAt === null ? [] : [`until ${expiresAt}`])].join(', ');

import { readFileSync } from 'node:fs';
import { Option } from 'commander';
import { parse } from 'yaml';
import { answered, EXIT } from './answers.ts';
import { changed, type Schemas } from './call.ts';
import { expiry, type Until, untilOptions, why, withWhy } from './changes.ts';
import { readCsv } from './csv.ts';
import { entriesOf, type Kind } from './entries.ts';
import { follow } from './follow.ts';
import type { Commands, Context } from './run.ts';

type Why = { reason?: string; ticket?: string; dryRun?: boolean };

export const manyCommands: Commands = (program, act) => {
  withWhy(
    untilOptions(
      program
        .command('bulk')
        .description(
          'many changes: each secret with each principal, or one a row of a table: secretId,principal,expiresIn,… ' +
            '(revocations: of the share with each principal, or of what --kind says, or a table of secretId,kind,id)',
        ),
    ),
  )
    .addOption(new Option('-f, --file <csv>', 'a table with a line of names; - for standard input').conflicts(EACH))
    .option('--secrets <name...>', 'each of these')
    .option('--principals <who...>', 'with each of these')
    .addOption(
      new Option('--what <what>', 'what each of them is')
        .choices(['shares', 'denials', 'revocations'])
        .default('shares'),
    )
    .addOption(
      new Option('--kind <kind>', 'what revocations take back')
        .choices(['share', 'denial', 'restriction'])
        .default('share'),
    )
    .option('-n, --dry-run', 'only say what would happen')
    .option('--wait', 'until all have ended')
    .action((said: Bulk) =>
      act(async (context) => {
        const query = said.dryRun === true ? { dryRun: true } : {};
        const body = { ...(await askedOf(context, said)), ...why(said) };
        const ask = (header: object) => begin(context, said.what, body, { query, header });
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
type Bulk = Why &
  Until & { file?: string; secrets?: string[]; principals?: string[]; what: What; kind: Kind; wait?: boolean };

/** What says of all alike stands in each row of a table. */
const EACH = ['secrets', 'principals', 'for', 'until'];

/** @throws Error where neither is there, or only half of one */
async function askedOf(context: Context, said: Bulk): Promise<object> {
  const { file, secrets, principals, what, kind } = said;
  if (file !== undefined) return { items: readCsv(textOf(file)).map(itemOf) };
  if (secrets === undefined || principals === undefined)
    throw new Error('Say --secrets and --principals, or --file: each secret with each principal, or a row for each.');
  if (what !== 'revocations') return { secretIds: secrets, principals, ...expiry(said) };
  const items: object[] = [];
  for (const secretId of secrets) {
    const entryFor = await entriesOf(context, secretId);
    for (const whom of principals) items.push({ secretId, ...entryFor(whom, kind) });
  }
  return { items };
}

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

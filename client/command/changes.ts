import { type Command, Option } from 'commander';
import { answered, EXIT, type Exit } from './answers.ts';
import { all, changed, type Schemas } from './call.ts';
import { printChange, printPending } from './print.ts';
import type { Commands, Context } from './run.ts';
import {
  boundaryOf,
  boundaryOptions,
  conditionOptions,
  conditionsOf,
  exceptionsOf,
  whomOf,
  whomOptions,
} from './whom.ts';

type Why = { reason?: string; ticket?: string; dryRun?: boolean };
type Legs = { grantKey?: boolean; complete?: boolean };
export type Until = { for?: string; until?: string };

/** What every change may say. */
export const withWhy = (command: Command): Command =>
  command.option('--reason <text>', 'why, for the audit log').option('--ticket <id>', 'for the audit log');
const withDryRun = (command: Command): Command =>
  withWhy(command).option('-n, --dry-run', 'only say what would happen');
export const untilOptions = (command: Command): Command =>
  command
    .addOption(new Option('--for <time>', 'how long: 30m, 12h, 30d, 4w').conflicts('until'))
    .option('--until <time>', 'until when: 2030-01-01T00:00:00Z');
const actions = (command: Command): Command =>
  command.option('--action <action...>', 'in the place of reading: secretsmanager:GetSecretValue …');

export const expiry = ({ for: expiresIn, until: expiresAt }: Until) => ({
  ...(expiresIn !== undefined && { expiresIn }),
  ...(expiresAt !== undefined && { expiresAt }),
});
export const why = ({ reason, ticket }: Why) => ({
  ...(reason !== undefined && { reason }),
  ...(ticket !== undefined && { ticket }),
});
const rehearsal = ({ dryRun }: Why) => (dryRun === true ? { dryRun } : {});

/** Prints a change, or what waits in its place. */
export function told(out: Context['out'], answer: Schemas['Change'] | Schemas['PendingChange']): Exit {
  if ('approvalId' in answer) {
    printPending(out, answer);
    return EXIT.pending;
  }
  printChange(out, answer);
  return EXIT.done;
}

type Shared = Why &
  Until &
  Legs & { action?: Action } & Parameters<typeof whomOf>[1] &
  Parameters<typeof conditionsOf>[0];

type Action = Schemas['ShareRequest']['actions'];

export const changeCommands: Commands = (program, act) => {
  withDryRun(
    actions(
      conditionOptions(
        whomOptions(
          untilOptions(
            program.command('share <secret> [principal]').description('let an account, user or role read a secret'),
          ),
        ),
      ),
    ),
  )
    .option('--grant-key', 'make the key leg too, by a KMS grant')
    .option('--complete', 'make every leg that may be made, and say what is left')
    .action((secretId: string, principal: string | undefined, said: Shared) =>
      act(async ({ client, out }) => {
        const { action, grantKey, complete } = said;
        const body = {
          ...whomOf(principal, said),
          ...conditionsOf(said),
          ...expiry(said),
          ...why(said),
          ...(action && { actions: action }),
          ...(grantKey && { grantKey }),
          ...(complete && { complete }),
        };
        const ask = (header: object) =>
          client.POST('/v1/secrets/{secretId}/shares', {
            params: { path: { secretId }, query: rehearsal(said), header },
            body,
          });
        return told(out, await changed<Schemas['Change'] | Schemas['PendingChange']>(ask));
      }),
    );

  withDryRun(actions(program.command('deny <secret> <principal>').description('explicitly deny a principal')))
    .option('--arn', 'whoever bears this ARN, also once it was deleted and made again')
    .action((secretId: string, principal: string, said: Why & { action?: Action; arn?: boolean }) =>
      act(async ({ client, out }) => {
        const { action, arn } = said;
        const body = {
          principal,
          ...why(said),
          ...(action && { actions: action }),
          ...(arn && { match: 'arn' as const }),
        };
        const ask = (header: object) =>
          client.POST('/v1/secrets/{secretId}/denials', {
            params: { path: { secretId }, query: rehearsal(said), header },
            body,
          });
        return told(out, await changed<Schemas['Change'] | Schemas['PendingChange']>(ask));
      }),
    );

  withDryRun(
    boundaryOptions(program.command('restrict <secret>').description('deny everyone outside a boundary: give one')),
  ).action((secretId: string, said: Why & Parameters<typeof boundaryOf>[0] & Parameters<typeof exceptionsOf>[0]) =>
    act(async ({ client, out }) => {
      const body = { boundary: boundaryOf(said), ...why(said), ...exceptionsOf(said) };
      const ask = (header: object) =>
        client.POST('/v1/secrets/{secretId}/restrictions', {
          params: { path: { secretId }, query: rehearsal(said), header },
          body: body as Schemas['RestrictionRequest'],
        });
      return told(out, await changed<Schemas['Change'] | Schemas['PendingChange']>(ask));
    }),
  );

  program
    .command('instructions <secret> <whom>')
    .description('what the reader of a share needs on its own side, to hand over: by the share’s id, or its principal')
    .action((secretId: string, whom: string) =>
      act(async (context) => {
        const { id: shareId } = await entryOf(context, secretId, whom, 'share');
        const path = { secretId, shareId };
        const told = await answered(
          context.client.GET('/v1/secrets/{secretId}/shares/{shareId}/instructions', { params: { path } }),
        );
        context.out.give(told);
        context.out.say(told.markdown);
        return EXIT.done;
      }),
    );

  withDryRun(
    program
      .command('revoke <secret> <whom>')
      .description('take a share, denial or restriction back: by its id, or the principal of its share'),
  )
    .addOption(new Option('--kind <kind>', 'of which kind it is').choices(['share', 'denial', 'restriction']))
    .action((secretId: string, whom: string, said: Why & { kind?: Kind }) =>
      act(async (context) => {
        const { kind, id } = await entryOf(context, secretId, whom, said.kind);
        const ask = (header: object) =>
          revoke(context, kind, { secretId, id }, { ...why(said), ...rehearsal(said) }, header);
        return told(context.out, await changed<Schemas['Change'] | Schemas['PendingChange']>(ask));
      }),
    );
};

type Kind = 'share' | 'denial' | 'restriction';
const entryOf = async (context: Context, secretId: string, whom: string, kind: Kind | undefined) =>
  (await entriesOf(context, secretId))(whom, kind);

/** @returns those of a secret, by whom one means; it @throws Error where nothing is meant, or several: then it names their ids */
export async function entriesOf({ client }: Context, secretId: string) {
  const { shares, denials, restrictions } = await answered(
    client.GET('/v1/secrets/{secretId}/policy', { params: { path: { secretId } } }),
  );
  const all = [...shares, ...denials, ...restrictions];
  return (whom: string, kind: Kind | undefined) => entryIn(all, { secretId, whom, kind });
}

function entryIn(
  entries: readonly Schemas['AccessEntry'][],
  { secretId, whom, kind }: { secretId: string; whom: string; kind: Kind | undefined },
): { kind: Kind; id: string } {
  const accountRoot = /^\d{12}$/.test(whom) ? `:iam::${whom}:root` : undefined;
  const isMeant = ({ id, principal }: Schemas['AccessEntry']) =>
    id === whom || principal === whom || (accountRoot !== undefined && principal?.endsWith(accountRoot) === true);
  const found = entries.filter((entry) => isMeant(entry) && (kind === undefined || entry.kind === kind));
  const [only, ...others] = found;
  if (only === undefined) throw new Error(`${secretId} has no ${kind ?? 'share, denial or restriction'} of ${whom}.`);
  // Whoever takes back somebody's access must not give it.
  if (others.length === 0 && only.kind !== 'share' && kind === undefined && only.id !== whom)
    throw new Error(`${secretId} has no share of ${whom}, but a ${only.kind}: --kind ${only.kind} takes that away.`);
  if (others.length === 0) return { kind: only.kind, id: only.id };
  const choices = found.map((entry) => `  ${entry.kind} ${entry.id} ${entry.words.who}`).join('\n');
  throw new Error(`That may be several: say which by its id.\n${choices}`);
}

function revoke(
  { client }: Context,
  kind: Kind,
  { secretId, id }: { secretId: string; id: string },
  query: object,
  header: object,
) {
  switch (kind) {
    case 'share':
      return client.DELETE('/v1/secrets/{secretId}/shares/{shareId}', {
        params: { path: { secretId, shareId: id }, query, header },
      });
    case 'denial':
      return client.DELETE('/v1/secrets/{secretId}/denials/{denialId}', {
        params: { path: { secretId, denialId: id }, query, header },
      });
    case 'restriction':
      return client.DELETE('/v1/secrets/{secretId}/restrictions/{restrictionId}', {
        params: { path: { secretId, restrictionId: id }, query, header },
      });
  }
}

/** For lists that are printed whole. */
export const collect = async <Item>(page: Parameters<typeof all<Item>>[0]): Promise<Item[]> => {
  const items: Item[] = [];
  for await (const item of all(page)) items.push(item);
  return items;
};

import { Option } from 'commander';
import { answered, EXIT } from './answers.ts';
import { changed, type Schemas } from './call.ts';
import { rehearsal, told, type Why, why, withDryRun } from './changes.ts';
import type { Commands, Context } from './run.ts';

/** What is taken back, and handed over: entries that are there, by whom they are about. */
export const entryCommands: Commands = (program, act) => {
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
      .description('take a share, denial or restriction back: by its id, or by whom it is about'),
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

export type Kind = 'share' | 'denial' | 'restriction';
type Entry = Schemas['AccessEntry'];

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
  entries: readonly Entry[],
  { secretId, whom, kind }: { secretId: string; whom: string; kind: Kind | undefined },
): { kind: Kind; id: string } {
  const found = entries.filter(
    (entry) =>
      (kind === undefined || entry.kind === kind) &&
      (entry.id === whom ||
        namesOf(entry).includes(whom) ||
        (kind === 'restriction' && insideOf(entry).includes(whom))),
  );
  const [only, ...others] = found;
  if (only === undefined) throw new Error(`${secretId} has no ${kind ?? 'share, denial or restriction'} of ${whom}.`);
  // Whoever takes back somebody's access must not give it.
  if (others.length === 0 && only.kind !== 'share' && kind === undefined && only.id !== whom)
    throw new Error(`${secretId} has no share of ${whom}, but a ${only.kind}: --kind ${only.kind} takes that away.`);
  if (others.length === 0) return { kind: only.kind, id: only.id };
  const choices = found.map((entry) => `  ${entry.kind} ${entry.id} ${entry.words.who}`).join('\n');
  throw new Error(`That may be several: say which by its id.\n${choices}`);
}

/** All names by which people call whom an entry is about, as the options of share and deny have them. */
function namesOf({ principal, account, organization, organizationalUnit, permissionSet, service }: Entry): unknown[] {
  return [
    ...[principal, principal?.replace(/^arn:[\w-]+:iam::(\d{12}):root$/, '$1'), account],
    ...[organization, organizationalUnit],
    ...(permissionSet ? [`${permissionSet.name}@${permissionSet.account}`] : []),
    ...(service ? [`${service.name}@${service.sourceAccount}`] : []),
  ];
}

/** Of a restriction: who is inside. */
const insideOf = ({ boundary = {} }: Entry): unknown[] => Object.values(boundary).flat();

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

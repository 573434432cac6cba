import type { Command } from 'commander';
import { answered, EXIT, type Exit } from './answers.ts';
import { changed, ended, type Schemas } from './call.ts';
import { why, withWhy } from './changes.ts';
import type { Commands, Context } from './run.ts';

type Why = { reason?: string; ticket?: string; dryRun?: boolean; token?: string };

export const incidentCommands: Commands = (program, act) => {
  incident(
    program.command('freeze [secrets...]').description('deny reading at once: of these, by a tag, or of an account'),
  )
    .option('--tag <key=value>', 'all secrets with this tag; without =value: with any value')
    .option('--account <id>', 'all secrets of an account')
    .option('--except <arn...>', 'who may still read')
    .action((secretIds: string[], said: Why & { tag?: string; account?: string; except?: string[] }) =>
      act((context) => {
        const { tag, account, except } = said;
        const freeze = {
          ...(secretIds.length > 0 && { secretIds }),
          ...(tag !== undefined && { tag: tagOf(tag) }),
          ...(account !== undefined && { account }),
        };
        return begin(context, { freeze, ...(except && { except }) }, said);
      }),
    );

  incident(
    program.command('evict <whom>').description('deny an account or principal everywhere, and take its shares'),
  ).action((whom: string, said: Why) =>
    act((context) => begin(context, { evict: /^\d{12}$/.test(whom) ? { account: whom } : { principal: whom } }, said)),
  );

  withWhy(program.command('lift <incident>').description('undo a freeze or an eviction: gives back just what it took'))
    .option('-n, --dry-run', 'only say what would happen')
    .action((incidentId: string, said: Why) =>
      act(async (context) => {
        const { client, out } = context;
        const query = said.dryRun === true ? { dryRun: true } : {};
        const answer = await changed<Schemas['LiftPlan'] | Schemas['Incident']>((header) =>
          client.POST('/v1/incidents/{incidentId}/lift', {
            params: { path: { incidentId }, query, header },
            body: why(said),
          }),
        );
        if ('dryRun' in answer) {
          out.give(answer);
          out.say(`Would lift it from ${count(answer.secrets, 'secret')}.`);
          return EXIT.done;
        }
        return follow(context, answer.lift ?? answer.operation, incidentId);
      }),
    );
};

const incident = (command: Command): Command =>
  withWhy(command)
    .option('-n, --dry-run', 'only say whom it would hit')
    .option('--token <token>', 'of the dry run: needed for more than 20 secrets');

function tagOf(text: string): { key: string; value?: string } {
  const [key = '', ...value] = text.split('=');
  return value.length === 0 ? { key } : { key, value: value.join('=') };
}

async function begin(
  context: Context,
  asked: Pick<Schemas['IncidentRequest'], 'freeze' | 'evict' | 'except'>,
  said: Why,
): Promise<Exit> {
  const { client, out } = context;
  const body = { ...asked, ...why(said), ...(said.token !== undefined && { token: said.token }) };
  const query = said.dryRun === true ? { dryRun: true } : {};
  const answer = await changed<Schemas['IncidentPlan'] | Schemas['Incident']>((header) =>
    client.POST('/v1/incidents', { params: { query, header }, body }),
  );
  if ('id' in answer) return follow(context, answer.operation, answer.id);
  out.give(answer);
  const taken = answer.shares === 0 ? '' : `, and take ${count(answer.shares, 'share')}`;
  out.say(`Would ${answer.action === 'evict' ? 'evict from' : 'freeze'} ${count(answer.secrets, 'secret')}${taken}.`);
  const rows = answer.hit.map(({ principal, secrets }) => [principal, String(secrets)]);
  out.table(['WHO READS NOW', 'SECRETS'], rows, 'Nobody whom policies name reads them.');
  for (const { secretId, detail } of answer.refused) out.say(`  not ${secretId}: ${detail}`);
  for (const gap of answer.gaps) out.say(`  Mind: ${gap}`);
  if (answer.tokenNeeded) out.say(`  --token ${answer.token}   has just this done`);
  return EXIT.done;
}

/** Until all is denied, or lifted; then what is not, and what to rotate. */
async function follow({ client, out, progress }: Context, begun: Schemas['Operation'], incidentId: string) {
  await ended(client, begun.id, ({ counts: { total, pending, running } }) =>
    progress(`${total - pending - running} of ${total}`),
  );
  progress('');
  const detail = await answered(client.GET('/v1/incidents/{incidentId}', { params: { path: { incidentId } } }));
  out.give(detail);
  const { counts } = detail.lift ?? detail.operation;
  out.say(`${detail.status}: incident ${incidentId}, ${counts.applied + counts.unchanged} of ${counts.total} done.`);
  const rows = detail.notDone.map(({ secretId, problem }) => [secretId, problem.detail]);
  if (rows.length > 0) out.table(['NOT DONE', 'WHY'], rows, '');
  if (detail.notDoneTotal > rows.length) out.say(`Not done in all: ${detail.notDoneTotal}`);
  const left = detail.notLifted.map(({ secretId, problem, todo }) => [secretId, `${problem.detail} ${todo}`]);
  if (left.length > 0) out.table(['NOT LIFTED', 'WHY, AND WHO ENDS IT'], left, '');
  if (detail.rotate.length > 0) out.say(`Rotate what may have been read: ${detail.rotate.join(', ')}`);
  if (detail.rotateTotal > detail.rotate.length) out.say(`To rotate in all: ${detail.rotateTotal}`);
  for (const { secretId, message } of detail.warnings) out.say(`  Mind ${secretId}: ${message}`);
  return exitOf(detail);
}

/** What has to be done by hand counts for more than what waits for a second person. */
function exitOf({ status, lift, operation, notDoneTotal }: Schemas['IncidentDetail']): Exit {
  if (status === 'lifted') return EXIT.done;
  if (lift !== null) return status === 'lifting' ? EXIT.pending : EXIT.refused;
  if (notDoneTotal > operation.counts.awaitingApproval) return EXIT.refused;
  return notDoneTotal > 0 ? EXIT.pending : EXIT.done;
}

const count = (many: number, what: string): string => `${many} ${what}${many === 1 ? '' : 's'}`;

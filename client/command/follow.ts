import { EXIT, type Exit } from './answers.ts';
import { collect, ended, type Schemas, untilAnswered } from './call.ts';
import type { Context } from './run.ts';

/** Until it has ended, where that is wanted; then what was not done, and why. */
export async function follow(context: Context, begun: Schemas['Operation'], wait: boolean): Promise<Exit> {
  const { client, url, out, progress } = context;
  if (!wait) {
    out.give(begun);
    const { total } = begun.counts;
    out.say(`Begun: ${total} ${total === 1 ? 'change' : 'changes'}, operation ${begun.id}`);
    out.say(`  how far it is: ${url}/console/operations/${begun.id}`);
    return EXIT.done;
  }
  const operation = await ended(client, begun.id, ({ counts }) => progress(barOf(counts)));
  progress('');
  const items = await collect(async (cursor: string | undefined) =>
    untilAnswered<Schemas['OperationItemPage']>(() =>
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
  const rows = open.map(({ secretId, request, status, result }) => [
    secretId,
    result?.who ?? String(request['principal'] ?? request['id'] ?? ''),
    status,
    result?.problem?.detail ?? result?.approvalId ?? '',
  ]);
  if (rows.length > 0) out.table(['SECRET', 'WHOM', 'HOW IT ENDED', 'WHY'], rows, '');
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

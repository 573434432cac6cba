import { answered, EXIT } from './answers.ts';
import { changed, collect, type Schemas } from './call.ts';
import { expiry, told, untilOptions, why, withWhy } from './changes.ts';
import { printForDecision, printPending } from './print.ts';
import type { Commands, Context } from './run.ts';

type Said = {
  for?: string;
  until?: string;
  action?: Schemas['ShareRequest']['actions'];
  reason: string;
  ticket?: string;
};

export const requestCommands: Commands = (program, act) => {
  untilOptions(
    program.command('request <secret> <principal>').description('ask whoever looks after a secret for access'),
  )
    .requiredOption('--reason <text>', 'why: whoever decides reads it')
    .option('--ticket <id>', 'for the audit log')
    .option('--action <action...>', 'in the place of reading')
    .action((secretId: string, principal: string, said: Said) =>
      act(async ({ client, out }) => {
        const { reason, ticket, action } = said;
        const body = {
          secretId,
          principal,
          reason,
          ...expiry(said),
          ...(ticket && { ticket }),
          ...(action && { actions: action }),
        };
        const pending = await changed<Schemas['AccessRequest']>((header) =>
          client.POST('/v1/access-requests', { params: { header }, body }),
        );
        printPending(out, pending);
        for (const { detail, statement } of pending.legs) {
          out.say(`  Your side: ${detail}`);
          out.say(`    ${JSON.stringify(statement)}`);
        }
        return EXIT.pending;
      }),
    );

  withWhy(program.command('approve [id]').description('say yes to what waits; without an id: what waits for you'))
    .option('--until <time>', 'let a share end earlier than was asked for')
    .option('--action <action...>', 'of a share: fewer than was asked for')
    .option('--etag <etag>', 'of the policy that you saw, in the place of a question: approve without it prints it')
    .action((id: string | undefined, said: Omit<Said, 'reason'> & { reason?: string; etag?: string }) =>
      act(async ({ client, out, ask: confirmed }) => {
        if (id === undefined) {
          const page = async (cursor: string | undefined) =>
            answered(
              client.GET('/v1/approvals', { params: { query: { waitingFor: 'me', ...(cursor && { cursor }) } } }),
            );
          const items = await collect(page);
          out.give({ items });
          const rows = items.map((one) => [
            one.approvalId,
            one.requestedBy.subject,
            one.secret.name,
            one.summary,
            one.reason ?? '',
          ]);
          out.table(['ID', 'WHO ASKS', 'SECRET', 'WHAT', 'WHY'], rows, 'Nothing waits for you.');
          return EXIT.done;
        }
        const etag = said.etag === undefined ? await seenEtag({ client, out, ask: confirmed }, id) : quoted(said.etag);
        if (etag === undefined) return EXIT.pending;
        const { until, action, reason } = said;
        const body = {
          etag,
          ...(reason && { reason }),
          ...(until && { expiresAt: until }),
          ...(action && { actions: action }),
        };
        const ask = (header: object) =>
          client.POST('/v1/approvals/{approvalId}/approve', { params: { path: { approvalId: id }, header }, body });
        return told(out, await changed<Schemas['Change']>(ask));
      }),
    );

  program
    .command('withdraw <id>')
    .description('take back what you asked for and nobody has decided')
    .option('--reason <text>', 'why')
    .action((approvalId: string, said: { reason?: string }) =>
      act(async ({ client, out }) => {
        const ask = (header: object) =>
          client.POST('/v1/approvals/{approvalId}/withdraw', {
            params: { path: { approvalId }, header },
            body: why(said),
          });
        const pending = await changed<Schemas['PendingChange']>(ask);
        out.give(pending);
        out.say(`Withdrawn: ${pending.summary}`);
        return EXIT.done;
      }),
    );

  program
    .command('reject <id>')
    .description('say no to what waits')
    .requiredOption('--reason <text>', 'why: whoever asked reads it')
    .action((approvalId: string, { reason }: { reason: string }) =>
      act(async ({ client, out }) => {
        const ask = (header: object) =>
          client.POST('/v1/approvals/{approvalId}/reject', {
            params: { path: { approvalId }, header },
            body: why({ reason }),
          });
        const pending = await changed<Schemas['PendingChange']>(ask);
        out.give(pending);
        out.say(`Rejected: ${pending.summary}`);
        return EXIT.done;
      }),
    );
};

/** The yes is for what somebody saw: shows it, and asks. @returns undefined where nobody said yes, or nobody is there */
async function seenEtag({ client, out, ask }: Pick<Context, 'client' | 'out' | 'ask'>, approvalId: string) {
  const seen = await answered(client.GET('/v1/approvals/{approvalId}', { params: { path: { approvalId } } }));
  if (seen.status !== 'pending') throw new Error(`It is ${seen.status} already: nobody decides any more.`);
  printForDecision(out, seen);
  if (seen.etag === null) return undefined;
  if (ask !== undefined && !out.json) return (await ask('Approve? [y/N] ')) ? seen.etag : undefined;
  out.say(`  secret-access approve ${approvalId} --etag ${seen.etag.replaceAll('"', '')}   says yes to this`);
  return undefined;
}

/** As a shell passes it on: without its quotes. */
const quoted = (etag: string): string => (etag.includes('"') ? etag : `"${etag}"`);

import { type Command, Option } from 'commander';
import { EXIT, type Exit } from './answers.ts';
import { changed, type Schemas } from './call.ts';
import { printChange, printPending } from './print.ts';
import type { Commands, Context } from './run.ts';
import {
  boundaryOf,
  boundaryOptions,
  conditionOptions,
  conditionsOf,
  exceptionsOf,
  setOption,
  whomOf,
  whomOptions,
} from './whom.ts';

export type Why = { reason?: string; ticket?: string; dryRun?: boolean };
type Legs = {
  grantKey?: boolean;
  complete?: boolean;
  acknowledgeEscalation?: boolean;
  acknowledgeUnreadable?: boolean;
};
export type Until = { for?: string; until?: string };

/** What every change may say. */
export const withWhy = (command: Command): Command =>
  command.option('--reason <text>', 'why, for the audit log').option('--ticket <id>', 'for the audit log');
export const withDryRun = (command: Command): Command =>
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
export const rehearsal = ({ dryRun }: Why) => (dryRun === true ? { dryRun } : {});

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
type Denied = Why & { action?: Action; arn?: boolean } & Pick<Parameters<typeof whomOf>[1], 'permissionSet'>;
type Restricted = Why & { action?: Action } & Parameters<typeof boundaryOf>[0] & Parameters<typeof exceptionsOf>[0];

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
    .option('--acknowledge-escalation', 'what is shared lets them change who reads it, and that is meant')
    .option('--acknowledge-unreadable', 'share all the same where the key can’t be used across accounts')
    .action((secretId: string, principal: string | undefined, said: Shared) =>
      act(async ({ client, out }) => {
        const { action, grantKey, complete, acknowledgeEscalation, acknowledgeUnreadable } = said;
        const body = {
          ...whomOf(principal, said),
          ...conditionsOf(said),
          ...expiry(said),
          ...why(said),
          ...(action && { actions: action }),
          ...(grantKey && { grantKey }),
          ...(complete && { complete }),
          ...(acknowledgeEscalation && { acknowledgeEscalation }),
          ...(acknowledgeUnreadable && { acknowledgeUnreadable }),
        };
        const ask = (header: object) =>
          client.POST('/v1/secrets/{secretId}/shares', {
            params: { path: { secretId }, query: rehearsal(said), header },
            body,
          });
        return told(out, await changed<Schemas['Change'] | Schemas['PendingChange']>(ask));
      }),
    );

  withDryRun(
    actions(setOption(program.command('deny <secret> [principal]').description('explicitly deny a principal'))),
  )
    .option('--arn', 'whoever bears this ARN, also once it was deleted and made again')
    .action((secretId: string, principal: string | undefined, said: Denied) =>
      act(async ({ client, out }) => {
        const { action, arn } = said;
        const body = {
          ...whomOf(principal, said),
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
    actions(
      boundaryOptions(program.command('restrict <secret>').description('deny everyone outside a boundary: give one')),
    ),
  ).action((secretId: string, said: Restricted) =>
    act(async ({ client, out }) => {
      const { action } = said;
      const body = {
        ...{ boundary: boundaryOf(said), ...why(said), ...exceptionsOf(said) },
        ...(action && { actions: action }),
      };
      const ask = (header: object) =>
        client.POST('/v1/secrets/{secretId}/restrictions', {
          params: { path: { secretId }, query: rehearsal(said), header },
          body: body as Schemas['RestrictionRequest'],
        });
      return told(out, await changed<Schemas['Change'] | Schemas['PendingChange']>(ask));
    }),
  );
};

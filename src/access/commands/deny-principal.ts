import { addEntry, alone } from '../../policy/entries/edit.ts';
import { accept } from '../../policy/entries/request.ts';
import { texts } from '../../policy/entries/templates/kinds/share-conditions.ts';
import type { Group, Subject } from '../../policy/entries/templates/kinds/template.ts';
import { neverMatching } from '../../policy/faults/never-matches.ts';
import { parsePrincipal } from '../../policy/principals/principal.ts';
import { guardContext } from '../guard/guard-context.ts';
import { arnsOf } from '../secret.ts';
import type { ChangeCommand, Warning } from '../write/change.ts';
import type { CommandBase } from './command.ts';

/** Makes sure that a principal can never use a secret, whatever else allows it. @throws DomainError validation-failed */
export function denyPrincipal(base: CommandBase, asked: Group): ChangeCommand {
  const { template, parameters, request } = accept('denial', asked);
  const subject = template.subject(parameters);
  return {
    ...base,
    action: 'deny',
    request: { ...request },
    guard: { action: 'deny', context: guardContext({ ...subject, actions: texts(parameters['actions']) }) },
    validate: true,
    edit(view, secret) {
      const { view: edited, entry } = addEntry(view, template, parameters, secret.partition);
      const warnings = [...(template.warnings?.(parameters) ?? []), ...warningsOf(subject, secret.account)];
      return { view: edited, entry, warnings };
    },
    warn: (secret) => (budget) => neverMatching(alone(template, parameters, secret.partition), arnsOf(secret), budget),
  };
}

function warningsOf({ principal, account }: Subject, owner: string): Warning[] {
  const denied = parsePrincipal(principal ?? account ?? '');
  if (denied?.type !== 'account' || denied.account !== owner) return [];
  return [{ code: 'denies-own-account', message: 'This denies every principal of the account that owns the secret.' }];
}

import { repairingActions } from '../../policy/actions.ts';
import { renderAlone } from '../../policy/entries/compile.ts';
import { addEntry, alone } from '../../policy/entries/edit.ts';
import { accept } from '../../policy/entries/request.ts';
import { texts } from '../../policy/entries/templates/kinds/share-conditions.ts';
import type { Group } from '../../policy/entries/templates/kinds/template.ts';
import { neverMatching } from '../../policy/faults/never-matches.ts';
import { conditionKeysOf, guardContext } from '../guard/guard-context.ts';
import { arnsOf } from '../secret.ts';
import type { ChangeCommand, Warning } from '../write/change.ts';
import type { CommandBase } from './command.ts';
import { rotationWarnings } from './rotation-warnings.ts';

/** Denies everyone outside a boundary. @throws DomainError validation-failed */
export function restrictAccess(base: CommandBase, asked: Group): ChangeCommand {
  const { template, parameters, request } = accept('restriction', asked);
  const actions = texts(parameters['actions']);
  return {
    ...base,
    action: 'restrict',
    request: { ...request },
    guard: {
      action: 'restrict',
      context: guardContext({
        ...template.subject(parameters),
        actions,
        conditionKeys: conditionKeysOf(renderAlone(template, parameters)),
      }),
    },
    validate: true,
    edit(view, secret) {
      const { view: edited, entry } = addEntry(view, template, parameters, secret.partition);
      const warnings = [
        ...(template.warnings?.(parameters) ?? []),
        ...warningsOf(actions),
        ...rotationWarnings(secret, template, parameters),
      ];
      return { view: edited, entry, warnings };
    },
    warn: (secret) => (budget) => neverMatching(alone(template, parameters, secret.partition), arnsOf(secret), budget),
  };
}

const warningsOf = (actions: readonly string[]): Warning[] =>
  repairingActions(actions).length === 0
    ? []
    : [
        {
          code: 'denies-repair',
          message: 'Outside the boundary nobody can repair this policy. AWS’s lock-out check was asked.',
        },
      ];

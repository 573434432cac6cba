import { withoutForeign } from '../../policy/entries/foreign.ts';
import { DomainError } from '../../problems/problem.ts';
import type { ChangeCommand } from '../write/change.ts';
import type { CommandBase } from './command.ts';

/**
 * Takes one statement of others out of a policy, and leaves everything else as it is. The command throws statement-not-found.
 * @param hash of the statement as it is attached: the same however AWS spells it
 */
export function removeStatement(base: CommandBase, hash: string): ChangeCommand {
  return {
    ...base,
    action: 'removeStatement',
    request: { hash },
    guard: { action: 'removeStatement', context: { escalates: false } },
    validate: false,
    edit(view) {
      const { view: edited, statement } = withoutForeign(view, hash);
      if (statement === undefined) throw statementNotFound(hash);
      return { view: edited };
    },
  };
}

export const statementNotFound = (hash: string): DomainError => new DomainError('statement-not-found', { hash });

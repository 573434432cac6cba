import { adopt, adoptable, withoutForeign } from '../../policy/entries/foreign.ts';
import { statementName } from '../../policy/statement-name.ts';
import { DomainError } from '../../problems/problem.ts';
import type { ChangeCommand } from '../write/change.ts';
import type { CommandBase } from './command.ts';
import { statementNotFound } from './remove-statement.ts';

/**
 * Makes a statement of others one of ours, where a template says the same: nobody gains or loses anything by it.
 * The command throws statement-not-found, statement-not-adoptable.
 * @param hash of the statement as it is attached: the same however AWS spells it
 */
export function adoptStatement(base: CommandBase, hash: string): ChangeCommand {
  return {
    ...base,
    action: 'adopt',
    request: { hash },
    guard: { action: 'adopt', context: { escalates: false } },
    validate: false,
    edit(view, { partition }) {
      const { view: others, statement } = withoutForeign(view, hash);
      if (statement === undefined) throw statementNotFound(hash);
      const clause = adoptable(statement, { partition, version: view.version });
      if (clause === undefined)
        throw new DomainError('statement-not-adoptable', { statement: statementName(statement) });
      const { view: adopted, entries } = adopt(others, clause, partition);
      const [entry] = entries;
      return { view: adopted, ...(entries.length === 1 && entry && { entry }) };
    },
  };
}

import type { DroppedDenial } from '../../audit/event.ts';
import type { PolicyView } from '../../policy/entries/compile.ts';
import { addEntry } from '../../policy/entries/edit.ts';
import { parametersOf } from '../../policy/entries/entry.ts';
import { templateNamed } from '../../policy/entries/templates/index.ts';
import { statementId } from '../../policy/statement-name.ts';
import type { ChangeCommand, Warning } from '../write/change.ts';
import type { CommandBase } from './command.ts';

/**
 * Puts back the shares, denials and restrictions that somebody else dropped; what they added stays. Expired ones are let go.
 * Denials of others that went with them do not come back: they are not ours to make.
 */
export function restoreDrift(base: CommandBase, now: Date): ChangeCommand {
  return {
    ...base,
    action: 'restoreDrift',
    request: {},
    guard: { action: 'restoreDrift', context: { escalates: false } },
    validate: true,
    edit(view, secret, missing, droppedDenials) {
      const wanted = missing.filter(({ expiresAt }) => expiresAt === null || Date.parse(expiresAt) > now.getTime());
      const restored = wanted.reduce<PolicyView>((policy, entry) => {
        const template = templateNamed(entry.template);
        if (template === undefined || entry.orphaned) return policy;
        return addEntry(policy, template, parametersOf(entry, template), secret.partition).view;
      }, view);
      const allows = wanted.some(({ kind, orphaned }) => kind === 'share' && !orphaned);
      return { view: restored, missing: [], warnings: allows ? droppedDenials.map(notRestored) : [] };
    },
  };
}

const notRestored = ({ statement, changeId }: DroppedDenial): Warning => {
  const rollback = changeId === null ? 'of the drift, which the audit log has once this is no dry run' : changeId;
  return {
    code: 'foreign-denials-dropped',
    message:
      `The Deny ${statementId(statement)}, which is not of this service, was dropped together with what is restored, and does not ` +
      `come back: whom it denied may use the secret again. POST …/policy/rollback with the changeId ${rollback} brings back both.`,
  };
};

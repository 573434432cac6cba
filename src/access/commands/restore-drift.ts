import type { PolicyView } from '../../policy/entries/compile.ts';
import { addEntry } from '../../policy/entries/edit.ts';
import { parametersOf } from '../../policy/entries/entry.ts';
import { templateNamed } from '../../policy/entries/templates/index.ts';
import type { ChangeCommand } from '../write/change.ts';
import type { CommandBase } from './command.ts';

/** Puts back the shares, denials and restrictions that somebody else dropped; what they added stays. Expired ones are let go. */
export function restoreDrift(base: CommandBase, now: Date): ChangeCommand {
  return {
    ...base,
    action: 'restoreDrift',
    request: {},
    guard: { action: 'restoreDrift', context: { escalates: false } },
    validate: true,
    edit(view, secret, missing) {
      const wanted = missing.filter(({ expiresAt }) => expiresAt === null || Date.parse(expiresAt) > now.getTime());
      const restored = wanted.reduce<PolicyView>((policy, entry) => {
        const template = templateNamed(entry.template);
        if (template === undefined || entry.orphaned) return policy;
        return addEntry(policy, template, parametersOf(entry, template), secret.partition).view;
      }, view);
      return { view: restored, missing: [] };
    },
  };
}

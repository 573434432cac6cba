import { removeEntry } from '../../policy/entries/edit.ts';
import type { EntryKind } from '../../policy/entries/templates/kinds/template.ts';
import { DomainError } from '../../problems/problem.ts';
import type { KeyGranter } from '../grants/key-granter.ts';
import type { GuardedAction } from '../guard/authorizer.ts';
import type { ChangeCommand } from '../write/change.ts';
import type { CommandBase } from './command.ts';

const GUARD: Record<EntryKind, GuardedAction> = {
  share: 'revokeShare',
  denial: 'revokeDenial',
  restriction: 'revokeRestriction',
};

/** Takes one share, denial or restriction back. The command throws share-not-found (denial-, restriction-). */
export function revokeAccess(base: CommandBase, kind: EntryKind, id: string, granter: KeyGranter): ChangeCommand {
  const command: ChangeCommand = {
    ...base,
    action: 'revoke',
    request: { kind, id },
    guard: { action: GUARD[kind], context: { escalates: false } },
    validate: false,
    edit(view, _, missing) {
      const { view: edited, entry } = removeEntry(view, id, kind);
      if (entry !== undefined) return { view: edited, entry };
      // Somebody else took it out already: now it is no longer missed.
      const missed = missing.find((candidate) => candidate.id === id && candidate.kind === kind);
      if (missed === undefined) throw entryNotFound(kind, id);
      return { view, entry: missed, missing: missing.filter((candidate) => candidate !== missed) };
    },
    actsUnchanged: true,
    owesGrants: kind === 'share',
    async afterwards(change) {
      return change.share === undefined ? change : granter.revoke(command, change, change.share);
    },
  };
  return command;
}

export const entryNotFound = (kind: EntryKind, id: string): DomainError => new DomainError(`${kind}-not-found`, { id });

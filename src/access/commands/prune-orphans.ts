import type { Clock } from '../../clock.ts';
import type { PolicyView } from '../../policy/entries/compile.ts';
import { entriesOf, removeEntry } from '../../policy/entries/edit.ts';
import type { PolicyViewer } from '../looks/view-policy.ts';
import type { ChangeCommand } from '../write/change.ts';
import type { CommandBase } from './command.ts';
import type { FollowUps } from './follow-ups.ts';

/** IAM shows unique ids for a moment also where nothing was deleted: an orphan is believed when it is seen again this much later. */
export const ORPHAN_AGE_MS = 5 * 60_000;

/**
 * Takes entries of deleted principals out of the policy. AWS refuses to attach a document that names one, so that
 * nothing else can be changed before.
 */
export function pruneOrphans(base: CommandBase, since: ReadonlyMap<string, Date>, now: Date): ChangeCommand {
  const isOld = (id: string) => now.getTime() - (since.get(id) ?? now).getTime() >= ORPHAN_AGE_MS;
  return {
    ...base,
    action: 'prune',
    request: {},
    guard: { action: 'prune', context: { escalates: false } },
    validate: false,
    edit(view) {
      const orphans = entriesOf(view).filter(({ orphaned }) => orphaned);
      const young = orphans.filter(({ id }) => !isOld(id));
      return {
        view: orphans
          .filter(({ id }) => isOld(id))
          .reduce<PolicyView>((left, { id }) => removeEntry(left, id).view, view),
        warnings: young.map(({ id, principal }) => ({
          code: 'orphan-seen-once',
          message: `${principal ?? id} has been seen for less than five minutes; ids can show for a moment only. Prune again later.`,
        })),
      };
    },
  };
}

export type OrphanPruner = { command(base: CommandBase): Promise<ChangeCommand> };

export function createOrphanPruner(deps: {
  viewer: Pick<PolicyViewer, 'view'>;
  followUps: Pick<FollowUps, 'noteOrphans'>;
  clock: Clock;
}): OrphanPruner {
  return {
    async command(base) {
      const { secret, shares, denials } = await deps.viewer.view(base.requester.identity, base.secretId);
      const orphans = [...shares, ...denials].filter(({ orphaned }) => orphaned);
      const since = await deps.followUps.noteOrphans(
        secret.arn,
        orphans.map(({ id }) => id),
        deps.clock(),
      );
      return pruneOrphans(base, since, deps.clock());
    },
  };
}

import type { Clock } from '../../../clock.ts';
import type { PolicyItem, PolicyView } from '../../../policy/entries/compile.ts';
import { entriesOf, foreignOf, removeEntry } from '../../../policy/entries/edit.ts';
import { type Orphan, orphanKey, orphansOf, withoutOrphans } from '../../../policy/orphans.ts';
import { orphanKeysOf, type PolicyViewer } from '../../looks/view-policy.ts';
import type { ChangeCommand, Warning } from '../../write/change.ts';
import type { CommandBase } from '../command.ts';
import type { FollowUps } from './follow-ups.ts';

/** IAM shows unique ids for a moment also where nothing was deleted: an orphan is believed when it is seen again this much later. */
const ORPHAN_AGE_MS = 5 * 60_000;

type PruneRequest = {
  /** Deleted principals in statements of others go too. */
  includeForeign?: boolean;
};

/**
 * Takes deleted principals out of the policy: entries of ours, and, if that is asked for, their ids in statements of others.
 * AWS refuses to attach a document that names one, so that nothing else can be changed before.
 */
function pruneOrphans(
  base: CommandBase,
  { includeForeign = false }: PruneRequest,
  since: ReadonlyMap<string, Date>,
  now: Date,
): ChangeCommand {
  const isOld = (key: string) => now.getTime() - (since.get(key) ?? now).getTime() >= ORPHAN_AGE_MS;
  return {
    ...base,
    action: 'prune',
    request: includeForeign ? { includeForeign } : {},
    guard: { action: 'prune', context: { escalates: false } },
    validate: false,
    edit(view) {
      const orphans = entriesOf(view).filter(({ orphaned }) => orphaned);
      const pruned = orphans
        .filter(({ id }) => isOld(id))
        .reduce<PolicyView>((left, { id }) => removeEntry(left, id).view, view);
      const young = orphans.filter(({ id }) => !isOld(id)).map(({ id, principal }) => principal ?? id);
      const foreign = foreignOf(view).flatMap(orphansOf);
      if (!includeForeign) return { view: pruned, warnings: [...young.map(seenOnce), ...foreign.map(leftAlone)] };
      const cleaned = withoutForeignOrphans(pruned, (orphan) => isOld(orphanKey(orphan)));
      const remaining = foreignOf(cleaned).flatMap(orphansOf);
      const kept = remaining.filter((orphan) => isOld(orphanKey(orphan)));
      const once = remaining.filter((orphan) => !kept.includes(orphan)).map(({ id }) => id);
      return { view: cleaned, warnings: [...[...young, ...once].map(seenOnce), ...kept.map(excepted)] };
    },
  };
}

/** Statements of which nothing is taken out stay to the letter. */
const withoutForeignOrphans = (view: PolicyView, isOld: (orphan: Orphan) => boolean): PolicyView => ({
  ...view,
  items: view.items.flatMap((item): PolicyItem[] => {
    if (!('foreign' in item)) return [item];
    const ids = new Set(
      orphansOf(item.foreign)
        .filter(isOld)
        .map(({ id }) => id),
    );
    const left = ids.size === 0 ? item.foreign : withoutOrphans(item.foreign, ids);
    return left === null ? [] : [{ foreign: left }];
  }),
});

const seenOnce = (name: string): Warning => ({
  code: 'orphan-seen-once',
  message: `${name} has been seen for less than five minutes; ids can show for a moment only. Prune again later.`,
});

const leftAlone = ({ id, statement }: Orphan): Warning => ({
  code: 'foreign-orphan',
  message: `The statement ${statement}, which is not of this service, names ${id}, a principal that was deleted: AWS takes no change while it does. Prune with includeForeign: true.`,
});

const excepted = ({ id, statement }: Orphan): Warning => ({
  code: 'foreign-orphan',
  message: `The statement ${statement} excepts nobody but ${id}, a principal that was deleted. Without that it would be about everybody: replace the policy, and say what it is to mean.`,
});

export type OrphanPruner = { command(base: CommandBase, request: PruneRequest): Promise<ChangeCommand> };

export function createOrphanPruner(deps: {
  viewer: Pick<PolicyViewer, 'view'>;
  followUps: Pick<FollowUps, 'noteOrphans'>;
  clock: Clock;
}): OrphanPruner {
  return {
    async command(base, request) {
      const attached = await deps.viewer.view(base.requester.identity, base.secretId);
      const since = await deps.followUps.noteOrphans(attached.secret.arn, orphanKeysOf(attached), deps.clock());
      return pruneOrphans(base, request, since, deps.clock());
    },
  };
}

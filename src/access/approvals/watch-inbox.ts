import type { Clock } from '../../clock.ts';
import type { Identity } from '../identity.ts';
import { SILENCE_MS, WATCHED_MS } from '../watching.ts';
import type { Approval, ApprovalStatus } from './approval.ts';
import type { ApprovalStore } from './approval-store.ts';

type Statuses = ReadonlyMap<string, ApprovalStatus>;

export interface ApprovalStatuses {
  /** By id: of those that are open, and of all that were asked for since. @throws DomainError audit-unavailable */
  statuses(since: Date): Promise<Statuses>;
}

type InboxEvent = { approvalId: string; status: ApprovalStatus };

export type InboxWatch = {
  /**
   * Looks, and tells from then on what becomes of each approval that the caller may see, until nobody watches any more,
   * and for 15 minutes at most; null where nothing was new for 15 s.
   * @throws DomainError audit-unavailable, at once and later
   */
  begin(identity: Identity): Promise<(gone: AbortSignal) => AsyncIterable<InboxEvent | null>>;
};

const LOOK_EVERY_MS = 1_000;
const LOOKS_IN_SILENCE = SILENCE_MS / LOOK_EVERY_MS;
/** More than the clocks of replicas differ, and than it takes from when a change gets its id until it waits. */
const RECENT_MS = 60_000;

type Look = { statuses: Statuses; find(id: string): Promise<Approval | null> };

/**
 * Looks once for all who watch.
 * @param deps.sees whether a caller may see an approval
 * @param deps.sleep waits, in milliseconds
 */
export function createInboxWatch(deps: {
  approvals: ApprovalStatuses & Pick<ApprovalStore, 'find'>;
  sees(identity: Identity, approval: Approval): Promise<boolean>;
  clock: Clock;
  sleep(ms: number): Promise<void>;
}): InboxWatch {
  const { approvals, sees, clock, sleep } = deps;
  let next: Promise<Look> | undefined;

  async function look(): Promise<Look> {
    const statuses = await approvals.statuses(new Date(clock().getTime() - RECENT_MS));
    const found = new Map<string, Promise<Approval | null>>();
    return {
      statuses,
      find(id) {
        const one = found.get(id) ?? approvals.find(id);
        found.set(id, one);
        return one;
      },
    };
  }

  async function lookLater(): Promise<Look> {
    await sleep(LOOK_EVERY_MS);
    next = undefined;
    return look();
  }

  async function* since(before: Statuses, identity: Identity, gone: AbortSignal): AsyncGenerator<InboxEvent | null> {
    let silence = 0;
    const until = clock().getTime() + WATCHED_MS;
    while (clock().getTime() < until && !gone.aborted) {
      next ??= lookLater();
      const { statuses, find } = await next;
      silence += 1;
      for (const id of movedOn(before, statuses)) {
        const approval = await find(id);
        if (approval === null || !(await sees(identity, approval))) continue;
        silence = 0;
        yield { approvalId: id, status: approval.status };
      }
      if (silence > 0 && silence % LOOKS_IN_SILENCE === 0) yield null;
      before = statuses;
    }
  }

  return {
    async begin(identity) {
      const { statuses } = await look();
      return (gone) => since(statuses, identity, gone);
    },
  };
}

const OPEN: readonly ApprovalStatus[] = ['pending', 'approved'];

/** What is no longer looked at has moved on if it was open: the rest is only no longer recent. */
function* movedOn(before: Statuses, now: Statuses): Generator<string> {
  for (const [id, status] of now) if (before.get(id) !== status) yield id;
  for (const [id, status] of before) if (!now.has(id) && OPEN.includes(status)) yield id;
}

import type { OperationOrder, StoredItem } from '../bulk/operation.ts';
import { isSealedItem, isSealedOrder, isSealedStatus } from '../bulk/sealed-operations.ts';
import type { ChangeEvents } from '../recover/change-events.ts';
import type { ChangeEnds } from '../stored/change-ends.ts';
import type { CommandSeal } from '../stored/command-seal.ts';
import type { StoredRefuser } from '../stored/refuse-stored.ts';
import { type IncidentAsked, isIncidentAction } from './incident.ts';

/**
 * What the database says of incidents, as far as this service stored it: who can write the database must not hide or end one.
 * What is not as it was stored is put on record, once for each process. Each method @throws DomainError audit-unavailable.
 */
export type IncidentTrust = {
  /** What an incident is about: by the audit log where its order was changed, null where nobody of this service began it. */
  askedOf(order: OperationOrder): Promise<IncidentAsked | null>;
  /** The newest lift of those that were begun for this incident. */
  lastLift<Lift extends { order: OperationOrder }>(incident: string, lifts: readonly Lift[]): Promise<Lift | null>;
  /** Whether an item that is said to be done is, by the word of this service. */
  isTrue(of: Ordered, item: StoredItem): Promise<boolean>;
  /** How many items of an operation somebody took out. */
  missing(of: Ordered, items: number): number;
};

type Ordered = Pick<OperationOrder, 'id' | 'incident'>;

export function createIncidentTrust(deps: {
  seal: CommandSeal;
  ended: ChangeEnds;
  events: Pick<ChangeEvents, 'eventsOfChange'>;
  refused: StoredRefuser;
}): IncidentTrust {
  const { seal } = deps;
  const told = new Set<string>();

  async function refuse(id: string): Promise<void> {
    if (told.has(id)) return;
    told.add(id);
    await deps.refused({ kind: 'operation', id });
  }

  const isLift = (order: OperationOrder, incident: string): boolean =>
    isSealedOrder(seal, order) && order.action === 'lift' && order.incident?.id === incident;

  return {
    async askedOf(order) {
      if (isSealedOrder(seal, order) && isIncidentAction(order.action)) return order.incident?.asked ?? null;
      await refuse(order.id);
      return askedIn(await deps.events.eventsOfChange(order.id));
    },
    async lastLift(incident, lifts) {
      for (const lift of lifts) {
        if (isLift(lift.order, incident)) return lift;
        await refuse(lift.order.id);
      }
      return null;
    },
    async isTrue({ id, incident }, item) {
      if (!isSealedItem(seal, id, item)) return false;
      // What a version before this one recorded has no seal.
      if (incident?.items === undefined || isSealedStatus(seal, id, item)) return true;
      const end = await deps.ended(item.changeId);
      return end?.outcome === 'applied' || end?.outcome === 'unchanged';
    },
    missing: ({ incident }, items) => Math.max(0, (incident?.items ?? items) - items),
  };
}

/** As it was recorded when it was begun. */
export function askedIn(events: Awaited<ReturnType<ChangeEvents['eventsOfChange']>>): IncidentAsked | null {
  const begun = events.find(
    ({ action, outcome, secret }) => isIncidentAction(action) && outcome === 'applied' && secret.arn === null,
  );
  const asked = begun?.request['asked'];
  return isAsked(asked) ? asked : null;
}

const isAsked = (asked: unknown): asked is IncidentAsked => typeof asked === 'object' && asked !== null;

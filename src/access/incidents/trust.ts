import { isDeepStrictEqual } from 'node:util';
import type { AuditEvent } from '../../audit/event.ts';
import { createLru } from '../../lru.ts';
import type { OperationOrder, StoredItem } from '../bulk/operation.ts';
import { isSealedItem, isSealedOrder, isSealedStatus } from '../bulk/sealed-operations.ts';
import type { ChangeEvents } from '../recover/change-events.ts';
import type { ChangeEnds } from '../stored/change-ends.ts';
import type { CommandSeal } from '../stored/command-seal.ts';
import type { StoredRefuser } from '../stored/refuse-stored.ts';
import { type Begun, begunIn, isAsked, onRecord } from './begun.ts';
import { type IncidentAction, type IncidentAsked, isIncidentAction, type OfIncident } from './incident.ts';

/**
 * What the database says of incidents, as far as this service stored it: who can write the database must not hide or end one.
 * Where a seal does not hold the audit log is asked, since the key that it was made with may be gone as well. What that does
 * not bear out is put on record, once for each process. Each method @throws DomainError audit-unavailable.
 */
export type IncidentTrust = {
  /** What an incident is; null where nobody of this service began it. */
  begun(order: OperationOrder): Promise<BegunIncident | null>;
  /** The newest lift of those that were begun for this incident. */
  lastLift<Lift extends { order: OperationOrder }>(incident: string, lifts: readonly Lift[]): Promise<Lift | null>;
  /** Whether an item that is said to be done is, by the word of this service. */
  isTrue(of: Ordered, item: StoredItem): Promise<boolean>;
  /** The secret that an item of a lift is about; null where nobody can tell. */
  secretOf(of: Ordered, item: StoredItem): Promise<string | null>;
  /** How many items of an operation somebody took out. */
  missing(of: Pick<Ordered, 'incident'>, items: number): number;
};

const MOST_KNOWN = 1_000;

type BegunIncident = { action: IncidentAction; incident: OfIncident & { asked: IncidentAsked } };
type Ordered = Pick<OperationOrder, 'id' | 'action' | 'incident'>;

export function createIncidentTrust(deps: {
  seal: CommandSeal;
  ended: ChangeEnds;
  events: Pick<ChangeEvents, 'eventsOfChange'>;
  refused: StoredRefuser;
}): IncidentTrust {
  const { seal } = deps;
  const told = new Set<string>();
  const known = createLru<Begun>(MOST_KNOWN);

  async function refuse(id: string): Promise<void> {
    if (told.has(id)) return;
    told.add(id);
    await deps.refused({ kind: 'operation', id }).catch((error) => {
      told.delete(id);
      throw error;
    });
  }

  /** Every change asks. */
  async function recorded(id: string): Promise<Begun | null> {
    const begun = known.find(id) ?? begunIn(await deps.events.eventsOfChange(id));
    return begun && known.keep(id, begun);
  }

  const isLift = (order: OperationOrder, incident: string): boolean =>
    isSealedOrder(seal, order) && order.action === 'lift' && order.incident?.id === incident;

  return {
    async begun(order) {
      const { id, action, incident } = order;
      if (isSealedOrder(seal, order) && isIncidentAction(action))
        return incident?.asked ? { action, incident: { ...incident, id, asked: incident.asked } } : null;
      const begun = await recorded(id);
      if (begun === null || !agrees(order, begun)) await refuse(id);
      if (begun === null || begun.asked === null || !isIncidentAction(begun.action)) return null;
      return { action: begun.action, incident: { id, asked: begun.asked, items: begun.items } };
    },
    async lastLift(incident, lifts) {
      for (const lift of lifts) {
        const { order } = lift;
        if (isLift(order, incident)) return lift;
        const begun = await recorded(order.id);
        if (begun?.action === 'lift' && begun.incident === incident)
          return { ...lift, order: { ...order, action: 'lift', incident: { id: incident, items: begun.items } } };
        await refuse(order.id);
      }
      return null;
    },
    async isTrue(of, item) {
      const isSealed = isSealedItem(seal, of.id, item);
      // What a version before this one recorded has no seal of how far it is.
      if (isSealed && (of.incident?.items === undefined || isSealedStatus(seal, of.id, item))) return true;
      const end = await deps.ended(item.changeId);
      if (end?.action !== of.action || (end.outcome !== 'applied' && end.outcome !== 'unchanged')) return false;
      return isSealed || isOf(end, of, item);
    },
    async secretOf({ id, incident }, item) {
      if (isSealedItem(seal, id, item)) return item.secretId;
      const events = await deps.events.eventsOfChange(String(item.request['changeId']));
      const made = events.find(
        ({ action, request, secret }) =>
          isIncidentAction(action) && request['incident'] === incident?.id && secret.arn !== null,
      );
      return made?.secret.arn ?? null;
    },
    missing: ({ incident }, items) => Math.max(0, (incident?.items ?? items) - items),
  };
}

/** Whether nothing was changed but that the key of the seal is gone. */
const agrees = ({ action, incident }: OperationOrder, begun: Begun): boolean =>
  action === begun.action &&
  incident?.items === begun.items &&
  isAsked(incident.asked) &&
  isDeepStrictEqual(onRecord(incident.asked), begun.asked);

/** Whether a change is the one of an item: of the same secret, and where that lifts, of the same change. */
const isOf = ({ secret: { arn, name }, request }: AuditEvent, { incident }: Ordered, item: StoredItem): boolean =>
  request['incident'] === incident?.id &&
  request['changeId'] === item.request['changeId'] &&
  (item.secretId === arn || item.secretId === name || arn?.startsWith(`${item.secretId}-`) === true);

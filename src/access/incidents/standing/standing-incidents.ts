import type { Clock } from '../../../clock.ts';
import type { IncidentStore, OperationOrder, OperationStore } from '../../bulk/operation.ts';
import { createMemory } from '../../looks/memory.ts';
import type { ChangeEnds } from '../../stored/change-ends.ts';
import type { StandingIncident } from '../incident.ts';
import type { IsGone } from '../lift/gone.ts';
import { endOfLift } from '../lift/progress.ts';
import { readAsked } from '../plan/read-asked.ts';
import type { IncidentTrust } from '../trust.ts';

/** The incidents that are not lifted whole, from the moment on in which they are begun. @throws DomainError audit-unavailable */
export type StandingIncidents = () => Promise<readonly StandingIncident[]>;

/** So long a lift that somebody approves holds back what it gives back. */
const ASK_AGAIN_MS = 2_000;

/** Every change asks: what is known for good is not looked up again. */
export function createStandingIncidents(deps: {
  store: Pick<IncidentStore, 'notYetLifted'>;
  operations: Pick<OperationStore, 'items'>;
  ended: ChangeEnds;
  isGone: IsGone;
  trust: IncidentTrust;
  /** Evictions that the audit log knows, and the database has no more. */
  hidden(): Promise<readonly StandingIncident[]>;
  partition: string;
  clock: Clock;
}): StandingIncidents {
  const { store, trust } = deps;
  const lifted = new Set<string>();
  /** Lifts of which nothing is left to happen. */
  const partly = new Set<string>();
  /** What a second person has yet to approve is asked for once by all of those changes. */
  const waits = createMemory({ ttlMs: ASK_AGAIN_MS, max: 1_000, clock: deps.clock });

  async function wasLifted(lift: OperationOrder): Promise<boolean> {
    const end = await endOfLift(lift, deps);
    if (end === 'partlyLifted') partly.add(lift.id);
    return end === 'lifted';
  }

  return async () => {
    const standing: StandingIncident[] = [...(await deps.hidden())];
    for (const { order, lifts } of await store.notYetLifted(lifted)) {
      const begun = await trust.begun(order);
      if (begun === null) continue;
      const lift = await trust.lastLift(order.id, lifts);
      const isEnded = lift?.isFinished === true && !partly.has(lift.order.id);
      if (isEnded && (await waits.once(lift.order.id, () => wasLifted(lift.order)))) {
        lifted.add(order.id);
        continue;
      }
      standing.push({ id: order.id, denial: readAsked(begun.incident.asked, deps.partition), lifting: lift !== null });
    }
    return standing;
  };
}

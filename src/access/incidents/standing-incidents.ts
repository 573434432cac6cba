import type { Clock } from '../../clock.ts';
import type { IncidentStore, OperationStore } from '../bulk/operation.ts';
import { isSealedOrder } from '../bulk/sealed-operations.ts';
import { createMemory } from '../looks/memory.ts';
import type { ChangeEnds } from '../stored/change-ends.ts';
import type { CommandSeal } from '../stored/command-seal.ts';
import type { IsGone } from './gone.ts';
import type { StandingIncident } from './incident.ts';
import { endOfLift } from './progress.ts';
import { readAsked } from './read-asked.ts';

/** The incidents that are not lifted whole, from the moment on in which they are begun. @throws DomainError audit-unavailable */
export type StandingIncidents = () => Promise<readonly StandingIncident[]>;

/** So long a lift that somebody approves holds back what it gives back. */
const ASK_AGAIN_MS = 2_000;

/** Every change asks: what is known for good is not looked up again. */
export function createStandingIncidents(deps: {
  store: Pick<IncidentStore, 'notYetLifted'>;
  operations: Pick<OperationStore, 'find' | 'items'>;
  ended: ChangeEnds;
  isGone: IsGone;
  seal: CommandSeal;
  partition: string;
  clock: Clock;
}): StandingIncidents {
  const { store, operations } = deps;
  const lifted = new Set<string>();
  /** Lifts of which nothing is left to happen. */
  const partly = new Set<string>();
  /** What a second person has yet to approve is asked for once by all of those changes. */
  const waits = createMemory({ ttlMs: ASK_AGAIN_MS, max: 1_000, clock: deps.clock });

  async function wasLifted(lift: string): Promise<boolean> {
    const found = await operations.find(lift);
    const end = found && (await endOfLift(found, deps));
    if (end === 'partlyLifted') partly.add(lift);
    return end === 'lifted';
  }

  return async () => {
    const standing: StandingIncident[] = [];
    for (const { order, lift } of await store.notYetLifted(lifted)) {
      // Nobody of this service began it.
      if (order.incident?.asked === undefined || !isSealedOrder(deps.seal, order)) continue;
      if (lift?.isFinished && !partly.has(lift.id) && (await waits.once(lift.id, () => wasLifted(lift.id)))) {
        lifted.add(order.id);
        continue;
      }
      const denial = readAsked(order.incident.asked, deps.partition);
      standing.push({ id: order.id, denial, lifting: lift !== null });
    }
    return standing;
  };
}

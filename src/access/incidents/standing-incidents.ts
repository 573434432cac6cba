import type { IncidentStore, OperationStore } from '../bulk/operation.ts';
import { isSealedOrder } from '../bulk/sealed-operations.ts';
import type { ChangeEnds } from '../stored/change-ends.ts';
import type { CommandSeal } from '../stored/command-seal.ts';
import type { StandingIncident } from './incident.ts';
import { isLifted, settledCounts } from './progress.ts';
import { readAsked } from './read-asked.ts';

/** The incidents that are not lifted whole, from the moment on in which they are begun. @throws DomainError audit-unavailable */
export type StandingIncidents = () => Promise<readonly StandingIncident[]>;

/** Every change asks: what is known for good is not looked up again. */
export function createStandingIncidents(deps: {
  store: Pick<IncidentStore, 'notYetLifted'>;
  operations: Pick<OperationStore, 'find' | 'items'>;
  ended: ChangeEnds;
  seal: CommandSeal;
  partition: string;
}): StandingIncidents {
  const { store, operations } = deps;
  const lifted = new Set<string>();
  /** Lifts of which nothing is left to happen. */
  const partly = new Set<string>();

  async function wasLifted(lift: string): Promise<boolean> {
    const found = await operations.find(lift);
    if (found === null) return false;
    const counts = await settledCounts(found, deps);
    if (!isLifted(counts) && counts.awaitingApproval === 0) partly.add(lift);
    return isLifted(counts);
  }

  return async () => {
    const standing: StandingIncident[] = [];
    for (const { order, lift } of await store.notYetLifted(lifted)) {
      // Nobody of this service began it.
      if (order.incident?.asked === undefined || !isSealedOrder(deps.seal, order)) continue;
      if (lift?.isFinished && !partly.has(lift.id) && (await wasLifted(lift.id))) {
        lifted.add(order.id);
        continue;
      }
      const denial = readAsked(order.incident.asked, deps.partition);
      standing.push({ id: order.id, denial, lifting: lift !== null });
    }
    return standing;
  };
}

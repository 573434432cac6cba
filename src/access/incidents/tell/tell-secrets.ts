import type { Page, PageRequest } from '../../../page.ts';
import type { AskedOperation, ItemStatus, OperationStore, StoredItem } from '../../bulk/operation.ts';
import type { ChangeEnds } from '../../stored/change-ends.ts';
import type { Warning } from '../../write/change.ts';
import type { IncidentDenial } from '../incident.ts';
import { isDone, settledItem } from '../lift/progress.ts';
import type { SeenEstate } from '../plan/targets.ts';
import type { IncidentTrust } from '../trust.ts';
import { type NotDone, notDoneOf, TAKEN_OUT, UNPROVEN } from './not-done.ts';
import { wasTakenOut } from './taken-out.ts';

/** What became of one secret of an incident. */
export type IncidentSecret = {
  secretId: string;
  status: ItemStatus;
  /** Null where it is denied, or not yet begun. */
  notDone: Omit<NotDone, 'secretId'> | null;
  /** Whether it may have been read before. */
  rotate: boolean;
  warnings: Warning[];
};

/** Which secrets are named to a caller. */
export type Sees = (secretId: string) => boolean | Promise<boolean>;

/** `stands`: what the incident denies, unless it is being lifted. */
type Of = { asked: AskedOperation; stands: IncidentDenial | null };

/** Each method @throws DomainError audit-unavailable. */
export function createSecretTeller(deps: {
  operations: Pick<OperationStore, 'items'>;
  ended: ChangeEnds;
  trust: Pick<IncidentTrust, 'isTrue'>;
  estate: Pick<SeenEstate, 'find'>;
}) {
  async function notDone(stored: StoredItem, item: StoredItem, { asked, stands }: Of): Promise<NotDone | null> {
    const { secretId } = item;
    const why = notDoneOf(item, asked.finishedAt !== null);
    if (why !== null) return why;
    if (!isDone(item.status)) return null;
    if (!(await deps.trust.isTrue(asked, stored))) return { secretId, ...UNPROVEN };
    if (stands === null) return null;
    return (await wasTakenOut(item, { id: asked.id, denial: stands }, deps)) ? { secretId, ...TAKEN_OUT } : null;
  }

  async function tell(stored: StoredItem, of: Of): Promise<IncidentSecret> {
    const item = await settledItem(stored, deps.ended);
    const { secretId: _, ...why } = (await notDone(stored, item, of)) ?? { secretId: null };
    return {
      ...{ secretId: item.secretId, status: item.status, notDone: 'reason' in why ? why : null },
      ...{ rotate: item.request['rotate'] === true, warnings: item.result?.warnings ?? [] },
    };
  }

  return {
    tell,
    /** A page may hold fewer than `limit`: those that are not named. */
    async page(of: Of, sees: Sees, page: PageRequest): Promise<Page<IncidentSecret>> {
      const { items, nextCursor } = await deps.operations.items(of.asked.id, page);
      const told: IncidentSecret[] = [];
      for (const item of items) if (await sees(item.secretId)) told.push(await tell(item, of));
      return { items: told, nextCursor };
    },
  };
}

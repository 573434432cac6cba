import type { BulkOperations } from '../bulk/bulk-operations.ts';
import type { BulkOperation, OperationStore } from '../bulk/operation.ts';
import type { Identity } from '../identity.ts';
import type { Incidents } from './incidents.ts';
import type { IncidentDetail } from './tell/tell-incident.ts';

/**
 * The lost answer of a request that began an operation, or an incident: as it is now. Null where it began none, so that the
 * request may be carried out anew.
 * @param changeId of that request: the operation's id
 * @throws DomainError operation-not-found for somebody else's
 */
export type BegunFinder = (
  identity: Identity,
  changeId: string,
) => Promise<{ location: string; answer: BulkOperation | IncidentDetail } | null>;

export function createBegunFinder(deps: {
  operations: Pick<OperationStore, 'find'>;
  bulk: Pick<BulkOperations, 'find'>;
  incidents: Pick<Incidents, 'find'>;
}): BegunFinder {
  return async (identity, changeId) => {
    const begun = await deps.operations.find(changeId);
    if (begun === null) return null;
    const answer = await deps.bulk.find(identity, changeId);
    if (begun.incident === undefined) return { location: `/v1/operations/${changeId}`, answer };
    // That of a lift is the incident that it lifts.
    const { id } = begun.incident;
    return { location: `/v1/incidents/${id}`, answer: await deps.incidents.find(identity, id) };
  };
}

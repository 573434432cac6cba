import type { OperationOrder, StoredItem } from '../../access/bulk/operation.ts';
import type { OperationItemRow, OperationRow } from '../schema.ts';

export const toOrder = ({ id, action, request }: OperationRow): OperationOrder => ({
  id,
  action,
  ...JSON.parse(request),
});

/** Without its counts, which are those of its items. */
export function toOperation(row: OperationRow) {
  const order = toOrder(row);
  const { id, action, dryRun, reason, ticket, requester } = order;
  return {
    ...{ id, action, dryRun, reason, ticket, requester },
    status: row.status,
    requestedBy: requester.identity.subject,
    createdAt: new Date(Number(row.created_at)).toISOString(),
    finishedAt: row.finished_at === null ? null : new Date(Number(row.finished_at)).toISOString(),
  };
}

export const toItem = (row: OperationItemRow): StoredItem => ({
  position: row.position,
  secretId: row.secret_id,
  request: JSON.parse(row.request),
  status: row.status,
  // Null only where a version before this one stored it, which no seal holds.
  changeId: row.change_id ?? '',
  seal: row.seal,
  result: row.result === null ? null : JSON.parse(row.result),
});

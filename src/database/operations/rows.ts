import type { OperationOrder, StoredItem } from '../../access/bulk/operation.ts';
import type { Requester } from '../../access/identity.ts';
import { readObject } from '../read-object.ts';
import type { OperationItemRow, OperationRow } from '../schema.ts';

/** Of what somebody else wrote there is nobody who asked for it, and no seal: it is refused (sealed-operations.ts). */
export const toOrder = ({ id, action, request }: OperationRow): OperationOrder => ({
  ...readAsked(request),
  id,
  action,
});

function readAsked(text: string): Omit<OperationOrder, 'id' | 'action'> {
  const asked = readObject(text);
  return isAsked(asked) ? asked : NOT_ASKED;
}

const isAsked = (asked: object): asked is Omit<OperationOrder, 'id' | 'action'> =>
  'requester' in asked && typeof (asked.requester as Partial<Requester> | null)?.identity?.subject === 'string';

const NOBODY: Requester = {
  identity: { subject: '', issuer: null, method: 'none', groups: [], scopes: [] },
  source: { ip: null, userAgent: null },
  requestId: null,
  traceId: null,
};
const NOT_ASKED = { dryRun: false, reason: null, ticket: null, requester: NOBODY, notAfter: '', seal: '' };

/** Without its counts, which are those of its items. */
export function toOperation(row: OperationRow) {
  const order = toOrder(row);
  const { id, action, dryRun, reason, ticket, requester, incident } = order;
  return {
    ...{ id, action, dryRun, reason, ticket, requester, ...(incident && { incident }) },
    status: row.status,
    requestedBy: requester.identity.subject,
    createdAt: new Date(Number(row.created_at)).toISOString(),
    finishedAt: row.finished_at === null ? null : new Date(Number(row.finished_at)).toISOString(),
  };
}

export const toItem = (row: OperationItemRow): StoredItem => ({
  position: row.position,
  secretId: row.secret_id,
  request: readObject(row.request),
  status: row.status,
  // Null only where a version before this one stored it, which no seal holds.
  changeId: row.change_id ?? '',
  seal: row.seal,
  statusSeal: row.status_seal,
  result: row.result === null ? null : readObject(row.result),
});

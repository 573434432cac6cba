import type { Page, PageRequest } from '../../page.ts';
import type { Identity, Requester } from '../identity.ts';

/** Many changes asked for in one request, carried out one by one in the background. */
export type BulkAction = 'share' | 'deny' | 'revoke';

export const itemStatuses = [
  'pending',
  'running',
  'applied',
  'unchanged',
  'awaitingApproval',
  'failed',
  'cancelled',
] as const;
export type ItemStatus = (typeof itemStatuses)[number];

export type BulkOperation = {
  id: string;
  action: BulkAction;
  /** `cancelling`: what runs is finished, the rest is not begun. */
  status: 'running' | 'cancelling' | 'cancelled' | 'done';
  dryRun: boolean;
  requestedBy: string;
  reason: string | null;
  ticket: string | null;
  /** RFC 3339 */
  createdAt: string;
  finishedAt: string | null;
  counts: { total: number } & Record<ItemStatus, number>;
};

/** An operation with who asked for it. */
export type AskedOperation = BulkOperation & { requester: Requester };

/** What the worker needs of an operation besides. */
export type OperationOrder = Pick<BulkOperation, 'id' | 'action' | 'dryRun' | 'reason' | 'ticket'> & {
  requester: Requester;
};

export type OperationItem = {
  position: number;
  secretId: string;
  request: Record<string, unknown>;
  status: ItemStatus;
  changeId: string | null;
  result: ItemResult | null;
};

/** What became of an item: the entry's id, or why not. */
export type ItemResult = { entryId?: string; approvalId?: string; problem?: { code: string; detail: string } };

/** Operations as callers see them. Each method @throws DomainError audit-unavailable. */
export interface OperationStore {
  create(order: OperationOrder, items: readonly Pick<OperationItem, 'secretId' | 'request'>[]): Promise<void>;
  find(id: string): Promise<AskedOperation | null>;
  /** Newest first; of one caller only, where one is given. @throws DomainError validation-failed for a strange cursor */
  list(of: Identity | null, page: PageRequest): Promise<Page<AskedOperation>>;
  items(id: string, page: PageRequest): Promise<Page<OperationItem>>;
  /** Nothing more is begun. No effect on an operation that has ended. */
  cancel(id: string): Promise<void>;
}

/** Operations as workers see them; a lease keeps two replicas from one operation. */
export interface OperationQueue {
  /** An operation that nobody works on; null when there is none. */
  claim(): Promise<OperationOrder | null>;
  /** Keeps the lease. `go` says whether to go on; false when it was cancelled, or another replica took it over. */
  renew(id: string): Promise<{ go: boolean }>;
  /** Items to do: those that a dead worker left running first. */
  next(id: string, limit: number): Promise<OperationItem[]>;
  record(id: string, position: number, item: Pick<OperationItem, 'status' | 'changeId' | 'result'>): Promise<void>;
  /** Ends the operation; what was not begun of a cancelled one is cancelled. */
  finish(id: string): Promise<void>;
}

import type { Page, PageRequest } from '../../page.ts';
import type { Identity, Requester } from '../identity.ts';
import { incidentActions, type OfIncident } from '../incidents/incident.ts';
import type { Warning } from '../write/change.ts';

/** Many changes asked for in one request, carried out one by one in the background. */
const bulkChanges = ['share', 'deny', 'revoke', 'applyManifest', ...incidentActions, 'lift'] as const;
export type BulkChange = (typeof bulkChanges)[number];
/** Or a survey of the estate (src/estate), whose items are accounts and Regions. */
export const bulkActions = [...bulkChanges, 'survey'] as const;
export type BulkAction = (typeof bulkActions)[number];

/** What waits for nothing else. */
export const urgentActions: readonly BulkAction[] = incidentActions;
export const isUrgent = ({ action }: { action: BulkAction }): boolean => urgentActions.includes(action);

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
export type AskedOperation = BulkOperation & { requester: Requester; incident?: OfIncident };

/** As callers see it. */
export const shownOperation = ({ requester: _, incident: __, ...operation }: AskedOperation): BulkOperation =>
  operation;

/** How long what was asked for may still be begun. */
export const OPERATION_LIFETIME_MS = 24 * 60 * 60 * 1_000;

/** What the worker needs of an operation besides. */
export type OperationOrder = Pick<BulkOperation, 'id' | 'action' | 'dryRun' | 'reason' | 'ticket'> & {
  requester: Requester;
  /** Shown, and acted on by nobody: items say what is done. */
  incident?: OfIncident;
  /** RFC 3339. What is not begun by then never is. */
  notAfter: string;
  /** Says that this service stored it (stored/command-seal.ts). */
  seal: string;
};

export type OperationItem = {
  position: number;
  secretId: string;
  request: Record<string, unknown>;
  status: ItemStatus;
  /** Of its one change, however often it is tried: drawn when it is asked for. */
  changeId: string;
  result: ItemResult | null;
};

/** An item as it is stored; `seal` as in OperationOrder, `statusSeal` of how far it is: null where there is none. */
export type StoredItem = OperationItem & { seal: string | null; statusSeal: string | null };

/** What became of an item: the entry's id, and in words whom it is about; or why not. */
export type ItemResult = {
  entryId?: string;
  who?: string;
  approvalId?: string;
  problem?: { code: string; detail: string };
  warnings?: Warning[];
};

/** An item that nobody has begun; of one with a `problem` nobody will. */
export type AskedItem = Pick<StoredItem, 'secretId' | 'request' | 'changeId' | 'seal'> & Pick<ItemResult, 'problem'>;

/** Operations as callers see them. Each method @throws DomainError audit-unavailable. */
export interface OperationStore {
  create(order: OperationOrder, items: readonly AskedItem[]): Promise<void>;
  find(id: string): Promise<AskedOperation | null>;
  /** Newest first; of one caller only, where one is given; those that have not ended only, if so. @throws DomainError validation-failed for a strange cursor */
  list(of: Identity | null, page: PageRequest, only?: 'open'): Promise<Page<AskedOperation>>;
  items(id: string, page: PageRequest): Promise<Page<StoredItem>>;
  /** Nothing more is begun. No effect on an operation that has ended. */
  cancel(id: string): Promise<void>;
}

/** Operations as workers see them; a lease keeps two replicas from one operation. Each method @throws DomainError audit-unavailable. */
export interface OperationQueue {
  /**
   * Operations that nobody works on, those first that waited longest: this process's from now on.
   * @param fair of one caller so many, and of these callers (`callerKey`) none; `urgent` is what an incident denies
   */
  claim(
    limit: number,
    fair: { ofOne: number; without: readonly string[]; only?: 'urgent' | 'others' },
  ): Promise<OperationOrder[]>;
  /**
   * Keeps the leases of those operations that this process works on: what it claimed and lost sight of, others take up.
   * @returns the ids of those that go on: not cancelled, nor lost
   */
  renew(ids: readonly string[]): Promise<ReadonlySet<string>>;
  /** Ends the operation; what was not begun of a cancelled one is cancelled. Where another still has items to do, it is released. */
  finish(id: string): Promise<void>;
  /** Leaves it to whoever claims it next. */
  release(id: string): Promise<void>;
  /** Ends the operation without doing anything: what was not done of it has failed, with this result. */
  refuse(id: string, result: ItemResult): Promise<void>;
}

/** The items of an operation that a worker has claimed. Each method @throws DomainError audit-unavailable. */
export interface ClaimedItems {
  /** Items to do, in the order of the request, with those that a dead worker left running. */
  next(id: string): Promise<StoredItem[]>;
  record(
    id: string,
    position: number,
    item: Pick<OperationItem, 'status' | 'result'> & Partial<Pick<StoredItem, 'statusSeal'>>,
  ): Promise<void>;
}

/** Incidents, by the operations that carry them out. Each method @throws DomainError audit-unavailable. */
export interface IncidentStore {
  /** The operations that began one, newest first. @throws DomainError validation-failed for a strange cursor */
  begun(page: PageRequest): Promise<Page<OrderedOperation>>;
  /** The orders that began one, but for some, each with its lifts, newest first. */
  notYetLifted(but: ReadonlySet<string>): Promise<{ order: OperationOrder; lifts: IncidentLift[] }[]>;
  /** The operations that lift one, newest first. */
  lifts(incident: string): Promise<OrderedOperation[]>;
  find(id: string): Promise<OrderedOperation | null>;
  /** Of all operations that began one. */
  ids(): Promise<ReadonlySet<string>>;
}

/** An operation, and what was stored of it with its seal. */
export type OrderedOperation = { operation: AskedOperation; order: OperationOrder };
type IncidentLift = { order: OperationOrder; isFinished: boolean };

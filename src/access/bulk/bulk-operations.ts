import type { Clock } from '../../clock.ts';
import type { Page, PageRequest } from '../../page.ts';
import { DomainError } from '../../problems/problem.ts';
import { noteAsked } from '../guard/asked-guardrails.ts';
import type { AuthorizationRequest, Authorizer } from '../guard/authorizer.ts';
import { mayLift } from '../guard/capabilities.ts';
import { assertAllowed, LOOK, mayLook } from '../guard/guard-change.ts';
import { whySaid } from '../guard/guard-context.ts';
import type { VisibleSecrets } from '../guard/visible-secrets.ts';
import { callerKey, type Identity, type Requester } from '../identity.ts';
import { onRecord } from '../incidents/begun.ts';
import { type IncidentChange, isIncidentAction, isIncidentChange, type OfIncident } from '../incidents/incident.ts';
import type { IncidentSight } from '../incidents/sight.ts';
import type { CommandSeal } from '../stored/command-seal.ts';
import type { AuditJournal } from '../write/record/audit-journal.ts';
import { draft } from '../write/record/change-recorder.ts';
import {
  type AskedItem,
  type AskedOperation,
  type BulkAction,
  type BulkOperation,
  OPERATION_LIFETIME_MS,
  type OperationItem,
  type OperationOrder,
  type OperationStore,
  shownOperation,
} from './operation.ts';
import { sealOperation } from './sealed-operations.ts';
import { createOperationWatch, type OperationStates } from './watch-operations.ts';

type BulkRequest = Omit<OperationOrder, 'requester' | 'notAfter' | 'seal'> & {
  /** `changeId`: where it was drawn before; `problem`: why it is not even tried. */
  items: readonly (Omit<AskedItem, 'changeId' | 'seal'> & { changeId?: string })[];
};

/** Bulk operations as callers use them. An operation is seen by who asked for it, and by whoever may read the audit log. */
export type BulkOperations = {
  /** @throws DomainError forbidden; rate-limited while the caller has 50 that have not ended */
  start(requester: Requester, request: BulkRequest): Promise<BulkOperation>;
  /** @throws DomainError operation-not-found, also for somebody else's */
  find(identity: Identity, id: string): Promise<BulkOperation>;
  /** Newest first: the caller's own, or everybody's. */
  list(identity: Identity, page: PageRequest): Promise<Page<BulkOperation>>;
  items(identity: Identity, id: string, page: PageRequest): Promise<Page<OperationItem>>;
  /** What runs is finished, the rest is not begun. @throws DomainError operation-not-found, forbidden for somebody else's */
  cancel(requester: Requester, id: string): Promise<BulkOperation>;
  /** The same of an incident that is lifted, whoever began it: on record under its id. */
  halt(requester: Requester, operation: BulkOperation): Promise<void>;
  /**
   * The operation whenever its counts change, until it ends, or nobody watches any more; null where nothing was new for 15 s.
   * @throws DomainError operation-not-found
   */
  watch(identity: Identity, id: string, gone: AbortSignal): AsyncIterable<BulkOperation | null>;
};

/** Operations of one caller that have not ended: each is up to a thousand items that wait. */
const MOST_OPEN = 50;
/** The same of incidents, which go before all else: each is up to 10,000 secrets. */
const MOST_INCIDENTS = 10;

export function createBulkOperations(deps: {
  store: OperationStore & OperationStates;
  authorizer: Authorizer;
  visible: Pick<VisibleSecrets, 'assertMayUse'>;
  sight: IncidentSight;
  journal: Pick<AuditJournal, 'append'>;
  seal: CommandSeal;
  clock: Clock;
  newChangeId(): string;
  sleep(ms: number): Promise<void>;
  /** There is something to do. */
  onBegun(): void;
}): BulkOperations {
  const { store } = deps;
  const watched = createOperationWatch(store, deps.sleep);

  function guard(requester: Requester, action: OperationEvent, context: AuthorizationRequest['context'] = LOOK): void {
    const question = { identity: requester.identity, action, secret: null, context };
    assertAllowed(deps.authorizer, question);
    noteAsked(requester, question);
  }

  /** First the record: what nobody recorded did not happen. */
  async function record(
    requester: Requester,
    action: OperationEvent,
    of: Pick<BulkOperation, 'id' | 'action' | 'reason' | 'ticket' | 'dryRun'> & {
      items: number;
      incident?: OfIncident;
    },
    refusal?: DomainError,
  ): Promise<void> {
    const { id: changeId, action: each, dryRun, items, reason, ticket, incident } = of;
    const { id: ofIncident, asked } = incident ?? {};
    const request = {
      ...{ operation: changeId, action: each, dryRun, items },
      ...(ofIncident !== undefined && { incident: ofIncident }),
      // By this an incident holds, whatever becomes of its order in the database.
      ...(asked && { asked: onRecord(asked) }),
    };
    const outcome = refusal === undefined ? 'applied' : 'refused';
    const error = refusal === undefined ? null : { code: refusal.code, message: refusal.message };
    const command = { changeId, requester, action, request, reason, ticket };
    await deps.journal.append([draft(MANY, command, 'outcome', { outcome, error })]);
  }

  async function find(identity: Identity, id: string): Promise<BulkOperation> {
    return shownOperation(assertSeen(identity, await store.find(id)));
  }

  function assertSeen(identity: Identity, found: AskedOperation | null): AskedOperation {
    if (found !== null && (isOf(identity, found) || seesAll(identity) || seesIncident(identity, found))) return found;
    throw new DomainError('operation-not-found');
  }

  const isOwn = async (identity: Identity, id: string): Promise<boolean> => {
    const found = await store.find(id);
    return found !== null && isOf(identity, found);
  };

  async function assertFewOpen(identity: Identity, action: BulkAction): Promise<void> {
    if (action === 'lift') return;
    const { items } = await store.list(identity, { limit: 2 * MOST_OPEN }, 'open');
    const urgent = items.filter((one) => isIncidentAction(one.action)).length;
    const [open, max, of] = isIncidentAction(action)
      ? ([urgent, MOST_INCIDENTS, 'incidents'] as const)
      : ([items.length, MOST_OPEN, 'operations'] as const);
    if (open >= max) throw new DomainError('rate-limited', { max, of: `${of} that have not ended`, retryAfter: 30 });
  }

  const seesAll = (identity: Identity): boolean => mayLook(deps.authorizer, identity, 'readAudit', null);

  /** Whoever is on call next goes on with it. */
  const seesIncident = (identity: Identity, { incident }: AskedOperation): boolean =>
    incident !== undefined && mayLift(deps.authorizer, identity);

  /** Of somebody else’s incident not what guardrails hide: a page may hold fewer. */
  const names = async (identity: Identity, operation: AskedOperation, { secretId }: OperationItem): Promise<boolean> =>
    operation.incident === undefined || isOf(identity, operation) || deps.sight(identity, secretId);

  return {
    find,
    async list(identity, page) {
      const { items, nextCursor } = await store.list(seesAll(identity) ? null : identity, page);
      return { items: items.map(shownOperation), nextCursor };
    },
    async start(requester, { items, incident: of, ...ordered }) {
      const { action } = ordered;
      const event = isOwnAction(action) ? action : 'startOperation';
      const incident = of && { ...of, items: items.length };
      const asked = { ...ordered, ...(incident && { incident }) };
      guard(requester, event, incident && { ...LOOK, ...whySaid(asked) });
      // The accounts of the estate are its operator’s choice.
      if (event !== 'survey')
        await deps.visible.assertMayUse(requester.identity, ...tried(items).map(({ secretId }) => secretId));
      await assertFewOpen(requester.identity, action);
      const notAfter = new Date(deps.clock().getTime() + OPERATION_LIFETIME_MS).toISOString();
      const named = items.map((item) => ({ ...item, changeId: item.changeId ?? deps.newChangeId() }));
      const { order, items: sealed } = sealOperation(deps.seal, { requester, notAfter, ...asked }, named);
      await record(requester, event, { ...asked, items: items.length });
      await store.create(order, sealed);
      deps.onBegun();
      return find(requester.identity, order.id);
    },
    async items(identity, id, page) {
      const found = assertSeen(identity, await store.find(id));
      const { items, nextCursor } = await store.items(id, page);
      const shown: OperationItem[] = [];
      for (const { seal: _, statusSeal: __, ...item } of items)
        if (await names(identity, found, item)) shown.push(item);
      return { items: shown, nextCursor };
    },
    async cancel(requester, id) {
      const { identity } = requester;
      guard(requester, 'cancelOperation');
      const found = await find(identity, id);
      const of = { ...found, items: found.counts.total };
      if (!(await isOwn(identity, id))) {
        const refusal = new DomainError('forbidden', { why: 'Only who began an operation cancels it.' });
        await record(requester, 'cancelOperation', of, refusal);
        throw refusal;
      }
      if (found.finishedAt === null) await record(requester, 'cancelOperation', of);
      await store.cancel(id);
      return find(identity, id);
    },
    async halt(requester, operation) {
      await record(requester, 'cancelOperation', { ...operation, items: operation.counts.total });
      await store.cancel(operation.id);
    },
    async *watch(identity, id, gone) {
      for await (const found of watched.of(id, gone)) yield found && shownOperation(assertSeen(identity, found));
    },
  };
}

const tried = (items: BulkRequest['items']) => items.filter(({ problem }) => problem === undefined);

type OwnAction = 'survey' | IncidentChange;
type OperationEvent = 'startOperation' | 'cancelOperation' | OwnAction;

/** Those that the guardrails know by themselves. */
const isOwnAction = (action: string): action is OwnAction => action === 'survey' || isIncidentChange(action);

const isOf = (identity: Identity, { requester }: AskedOperation): boolean =>
  callerKey(requester.identity) === callerKey(identity);

/** What an operation is about, in its own events. */
const MANY = { arn: null, name: '*', account: null, region: null };

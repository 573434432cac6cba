import type { Clock } from '../../clock.ts';
import type { Page, PageRequest } from '../../page.ts';
import { DomainError } from '../../problems/problem.ts';
import type { BulkOperations } from '../bulk/bulk-operations.ts';
import {
  type AskedOperation,
  type BulkOperation,
  type IncidentStore,
  type OperationStore,
  type StoredItem,
  shownOperation,
} from '../bulk/operation.ts';
import { isSealedItem } from '../bulk/sealed-operations.ts';
import type { Authorizer } from '../guard/authorizer.ts';
import { mayLift } from '../guard/capabilities.ts';
import { assertAllowed, guardLook, LOOK } from '../guard/guard-change.ts';
import { whySaid } from '../guard/guard-context.ts';
import type { Identity, Requester } from '../identity.ts';
import type { ChangeEnds } from '../stored/change-ends.ts';
import type { CommandSeal } from '../stored/command-seal.ts';
import type { IncidentAction, IncidentAsked } from './incident.ts';
import type { IncidentPlan, IncidentPlanner } from './plan-incident.ts';

/** Secrets of an incident that is begun without the token of a dry run. */
export const UNCONFIRMED = 20;
/** Items of one answer. */
const TOLD = 1_000;
/** What is under way when somebody lifts is waited for, so long. */
const STILL_WITHIN_MS = 10_000;
const ASK_EVERY_MS = 200;

export const incidentStatuses = ['running', 'standing', 'lifting', 'lifted', 'partlyLifted'] as const;
export type IncidentStatus = (typeof incidentStatuses)[number];

/** An incident: the operation that carries it out, and the last one that lifts it. */
export type Incident = {
  /** Of the operation too: GET /v1/operations/{id} says how far it is. */
  id: string;
  action: IncidentAction;
  asked: IncidentAsked;
  status: IncidentStatus;
  operation: BulkOperation;
  lift: BulkOperation | null;
};

export type IncidentDetail = Incident & {
  /** What is not denied, and why: at most 1,000. */
  notDone: { secretId: string; problem: { code: string; detail: string } }[];
  /** What may have been read before: at most 1,000, of so many. */
  rotate: string[];
  rotateTotal: number;
};

type Order = { id: string; reason: string | null; ticket: string | null };

export type Incidents = {
  plan: IncidentPlanner;
  /** @throws DomainError as the plan, incident-not-confirmed */
  begin(
    requester: Requester,
    asked: IncidentAsked,
    order: Order & { token: string | undefined },
  ): Promise<IncidentDetail>;
  list(identity: Identity, page: PageRequest): Promise<Page<Incident>>;
  /** @throws DomainError incident-not-found */
  find(identity: Identity, id: string): Promise<IncidentDetail>;
  /**
   * Begins to undo what the incident did, and has not been undone yet. What it has not done is not begun any more.
   * @returns how many secrets that is about
   * @throws DomainError incident-not-found, incident-running, forbidden
   */
  lift(requester: Requester, id: string, order: Order & { dryRun: boolean }): Promise<number>;
};

export function createIncidents(deps: {
  plan: IncidentPlanner;
  bulk: Pick<BulkOperations, 'start' | 'halt'>;
  operations: Pick<OperationStore, 'find' | 'items'>;
  store: IncidentStore;
  ended: ChangeEnds;
  seal: CommandSeal;
  authorizer: Authorizer;
  clock: Clock;
  newChangeId(): string;
  sleep(ms: number): Promise<void>;
}): Incidents {
  const { plan, operations, store, authorizer } = deps;

  /** Who may read the audit log sees them as well. */
  function guardSight(identity: Identity): void {
    if (!mayLift(authorizer, identity)) guardLook(authorizer, identity, 'readAudit');
  }

  async function begun(id: string): Promise<AskedOperation> {
    const found = await operations.find(id);
    if (found?.incident?.asked === undefined) throw new DomainError('incident-not-found');
    return found;
  }

  async function* itemsOf(id: string): AsyncGenerator<StoredItem> {
    for (let cursor: string | null | undefined; cursor !== null; ) {
      const page: Page<StoredItem> = await operations.items(id, { limit: TOLD, cursor });
      yield* page.items;
      cursor = page.nextCursor;
    }
  }

  async function withLift(operation: AskedOperation): Promise<Incident> {
    const [lift = null] = await store.lifts(operation.id);
    return {
      ...{
        id: operation.id,
        action: operation.action === 'freeze' ? 'freeze' : 'evict',
        asked: operation.incident?.asked ?? {},
      },
      ...{
        status: statusOf(operation, lift),
        operation: shownOperation(operation),
        lift: lift && shownOperation(lift),
      },
    };
  }

  async function find(identity: Identity, id: string): Promise<IncidentDetail> {
    guardSight(identity);
    const incident = await withLift(await begun(id));
    const notDone: IncidentDetail['notDone'] = [];
    const rotate: string[] = [];
    let rotateTotal = 0;
    for await (const { secretId, request, result } of itemsOf(id)) {
      if (result?.problem !== undefined && notDone.length < TOLD) notDone.push({ secretId, problem: result.problem });
      if (request['rotate'] !== true) continue;
      rotateTotal += 1;
      if (rotate.length < TOLD) rotate.push(secretId);
    }
    return { ...incident, notDone, rotate, rotateTotal };
  }

  /** Nothing more of it is begun, and what was has ended. */
  async function still(requester: Requester, operation: AskedOperation): Promise<void> {
    if (operation.finishedAt !== null) return;
    await deps.bulk.halt(requester, shownOperation(operation));
    for (let waited = 0; waited < STILL_WITHIN_MS; waited += ASK_EVERY_MS) {
      await deps.sleep(ASK_EVERY_MS);
      if ((await begun(operation.id)).finishedAt !== null) return;
    }
    throw new DomainError('incident-running');
  }

  /** An item that was lifted already has no second one; one whose lift was refused has another change id. */
  async function liftOf(incident: string, item: StoredItem) {
    if (!isSealedItem(deps.seal, incident, item) || NEVER_BEGUN.includes(item.status)) return null;
    const { secretId, changeId } = item;
    const drawn = String(item.request['liftId']);
    const end = await deps.ended(drawn);
    if (end?.outcome === 'applied' || end?.outcome === 'unchanged') return null;
    if (item.status === 'failed' && (await deps.ended(changeId))?.outcome !== 'unknown') return null;
    return {
      ...{ secretId, request: { incident, changeId } },
      changeId: end === null ? drawn : deps.newChangeId(),
    };
  }

  return {
    plan,
    find,
    async begin(requester, asked, { token, ...order }) {
      const planned = await plan(requester.identity, asked, whySaid(order));
      assertConfirmed(planned, token);
      const mayHaveRead = new Set(planned.rotate);
      const items = planned.items.map(({ secretId, request }) => ({
        secretId,
        request: { incident: order.id, ...request, rotate: mayHaveRead.has(secretId), liftId: deps.newChangeId() },
      }));
      const incident = { id: order.id, asked };
      await deps.bulk.start(requester, { ...order, action: planned.meant.action, dryRun: false, incident, items });
      return find(requester.identity, order.id);
    },
    async list(identity, page) {
      guardSight(identity);
      const { items, nextCursor } = await store.begun(page);
      return { items: await Promise.all(items.map(withLift)), nextCursor };
    },
    async lift(requester, id, { dryRun, ...order }) {
      const context = { ...LOOK, ...whySaid(order, dryRun) };
      assertAllowed(authorizer, { identity: requester.identity, action: 'lift', secret: null, context });
      const operation = await begun(id);
      if (!dryRun) await still(requester, operation);
      const items = [];
      for await (const item of itemsOf(id)) {
        const lift = await liftOf(id, item);
        if (lift !== null) items.push(lift);
      }
      if (!dryRun && items.length > 0)
        await deps.bulk.start(requester, { ...order, action: 'lift', dryRun: false, incident: { id }, items });
      return items.length;
    },
  };
}

const NEVER_BEGUN: readonly StoredItem['status'][] = ['pending', 'cancelled', 'running'];

function statusOf(operation: BulkOperation, lift: BulkOperation | null): IncidentStatus {
  if (lift === null) return operation.finishedAt === null ? 'running' : 'standing';
  if (lift.finishedAt === null) return 'lifting';
  const { total, applied, unchanged } = lift.counts;
  return applied + unchanged === total ? 'lifted' : 'partlyLifted';
}

/** @throws DomainError incident-not-confirmed, validation-failed where it is about nothing */
function assertConfirmed({ items, refused, token }: IncidentPlan, given: string | undefined): void {
  const secrets = items.length;
  if (secrets === 0) {
    const why = refused.length === 0 ? 'This is about no secret.' : `The guardrails refuse all: ${refused[0]?.detail}`;
    throw new DomainError('validation-failed', { why });
  }
  if (given !== undefined && given !== token)
    throw new DomainError('incident-not-confirmed', { secrets, max: UNCONFIRMED, stale: true });
  if (given === undefined && secrets > UNCONFIRMED)
    throw new DomainError('incident-not-confirmed', { secrets, max: UNCONFIRMED });
}

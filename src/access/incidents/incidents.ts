import type { Page, PageRequest } from '../../page.ts';
import { DomainError } from '../../problems/problem.ts';
import type { BulkOperations } from '../bulk/bulk-operations.ts';
import type { AskedOperation, IncidentStore, OrderedOperation } from '../bulk/operation.ts';
import type { Authorizer } from '../guard/authorizer.ts';
import { mayLift } from '../guard/capabilities.ts';
import { assertAllowed, guardLook, LOOK } from '../guard/guard-change.ts';
import { whySaid } from '../guard/guard-context.ts';
import { callerKey, type Identity, type Requester } from '../identity.ts';
import type { IncidentAsked, IncidentOrder } from './incident.ts';
import type { Lifting } from './lift/lifting.ts';
import type { IncidentPlan, IncidentPlanner } from './plan/plan-incident.ts';
import type { IncidentSight } from './sight.ts';
import type { StandingIncidents } from './standing/standing-incidents.ts';
import type { createIncidentTeller, Incident, IncidentDetail } from './tell/tell-incident.ts';
import type { IncidentSecret, Sees } from './tell/tell-secrets.ts';
import type { IncidentTrust } from './trust.ts';

/** Secrets of an incident that is begun without the token of a dry run. */
export const UNCONFIRMED = 20;
/** Incidents that are not lifted whole: each change is held against all of them. */
const MOST_STANDING = 100;
/** Secrets that the guardrails refuse, and that are told with what is not done. */
const MOST_REFUSED = 1_000;

export type Incidents = {
  plan: IncidentPlanner;
  /** @throws DomainError as the plan, incident-not-confirmed; rate-limited while 10 of the caller’s have not ended, or 100 stand */
  begin(
    requester: Requester,
    asked: IncidentAsked,
    order: IncidentOrder & { token: string | undefined },
  ): Promise<IncidentDetail>;
  list(identity: Identity, page: PageRequest): Promise<Page<Incident>>;
  /** @throws DomainError incident-not-found */
  find(identity: Identity, id: string): Promise<IncidentDetail>;
  /** The same. */
  secrets(identity: Identity, id: string, page: PageRequest): Promise<Page<IncidentSecret>>;
  /**
   * Begins to undo what the incident did, and has not been undone yet. What it has not done is not begun any more.
   * @returns how many secrets that is about
   * @throws DomainError incident-not-found, forbidden; incident-running also while it is being lifted
   */
  lift(requester: Requester, id: string, order: IncidentOrder & { dryRun: boolean }): Promise<number>;
};

export function createIncidents(deps: {
  plan: IncidentPlanner;
  bulk: Pick<BulkOperations, 'start'>;
  store: Pick<IncidentStore, 'begun' | 'find'>;
  trust: Pick<IncidentTrust, 'begun'>;
  standing: StandingIncidents;
  sight: IncidentSight;
  tell: ReturnType<typeof createIncidentTeller>;
  lifting: Lifting;
  authorizer: Authorizer;
}): Incidents {
  const { plan, authorizer, tell, lifting } = deps;

  /** Who may read the audit log sees them as well. */
  function guardSight(identity: Identity): void {
    if (!mayLift(authorizer, identity)) guardLook(authorizer, identity, 'readAudit');
  }

  /** Null for what nobody of this service began. */
  async function trusted({ operation, order }: OrderedOperation): Promise<AskedOperation | null> {
    const begun = await deps.trust.begun(order);
    return begun && { ...operation, ...begun };
  }

  async function begun(id: string): Promise<AskedOperation> {
    const found = await deps.store.find(id);
    const operation = found && (await trusted(found));
    if (operation === null) throw new DomainError('incident-not-found');
    return operation;
  }

  async function assertFewStand(): Promise<void> {
    if ((await deps.standing()).length < MOST_STANDING) return;
    throw new DomainError('rate-limited', { max: MOST_STANDING, of: 'incidents that stand', retryAfter: 3_600 });
  }

  /** Whoever began it sees it in any case, and all secrets of it. */
  async function seen(identity: Identity, id: string): Promise<{ found: AskedOperation; sees: Sees }> {
    const found = await begun(id).catch((error) => {
      guardSight(identity);
      throw error;
    });
    if (!isOf(identity, found)) guardSight(identity);
    return { found, sees: sightOf(identity, found) };
  }

  const isOf = (identity: Identity, { requester }: AskedOperation): boolean =>
    callerKey(requester.identity) === callerKey(identity);

  const sightOf = (identity: Identity, found: AskedOperation): Sees =>
    isOf(identity, found) ? () => true : (secretId) => deps.sight(identity, secretId);

  async function find(identity: Identity, id: string): Promise<IncidentDetail> {
    const { found, sees } = await seen(identity, id);
    return tell.inFull(found, sees);
  }

  return {
    plan,
    find,
    async secrets(identity, id, page) {
      const { found, sees } = await seen(identity, id);
      return tell.secrets(found, sees, page);
    },
    async begin(requester, asked, { token, ...order }) {
      const planned = await plan(requester.identity, asked, whySaid(order));
      assertConfirmed(planned, token);
      await assertFewStand();
      const hidden = planned.refusedTotal - Math.min(planned.refused.length, MOST_REFUSED);
      const incident = { id: order.id, asked, ...(hidden > 0 && { hidden }) };
      const items = itemsOf(planned, order.id);
      await deps.bulk.start(requester, { ...order, action: planned.meant.action, dryRun: false, incident, items });
      return find(requester.identity, order.id);
    },
    async list(identity, page) {
      guardSight(identity);
      const { items, nextCursor } = await deps.store.begun(page);
      const told: Incident[] = [];
      for (const item of items) {
        const operation = await trusted(item);
        if (operation !== null) told.push(await tell.inShort(operation, sightOf(identity, operation)));
      }
      return { items: told, nextCursor };
    },
    async lift(requester, id, { dryRun, ...order }) {
      const context = { ...LOOK, ...whySaid(order, dryRun) };
      assertAllowed(authorizer, { identity: requester.identity, action: 'lift', secret: null, context });
      const incident = await begun(id);
      return dryRun ? lifting.left(incident) : lifting.begin(requester, incident, order);
    },
  };
}

/** With what the guardrails refuse: it is not tried, and told of as not done. */
function itemsOf({ items, refused, rotate }: IncidentPlan, incident: string) {
  const mayHaveRead = new Set(rotate);
  return [
    ...items.map(({ secretId, request }) => ({
      secretId,
      request: { incident, ...request, rotate: mayHaveRead.has(secretId) },
    })),
    ...refused.slice(0, MOST_REFUSED).map(({ secretId, detail }) => ({
      ...{ secretId, request: { incident, refused: true } },
      problem: { code: 'forbidden', detail },
    })),
  ];
}

/** @throws DomainError incident-not-confirmed, validation-failed where it is about nothing */
function assertConfirmed({ items, refused, refusedTotal, token }: IncidentPlan, given: string | undefined): void {
  const secrets = items.length;
  if (secrets === 0) {
    const all = `The guardrails refuse all: ${refused[0]?.detail ?? 'you may not know of them'}`;
    throw new DomainError('validation-failed', { why: refusedTotal === 0 ? 'This is about no secret.' : all });
  }
  if (given !== undefined && given !== token)
    throw new DomainError('incident-not-confirmed', { secrets, max: UNCONFIRMED, stale: true });
  if (given === undefined && secrets > UNCONFIRMED)
    throw new DomainError('incident-not-confirmed', { secrets, max: UNCONFIRMED });
}

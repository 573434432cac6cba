import { statementsOf } from '../../../policy/document.ts';
import { isUnder } from '../../../policy/incident-statement.ts';
import { DomainError } from '../../../problems/problem.ts';
import type { BulkOperations } from '../../bulk/bulk-operations.ts';
import {
  type AskedOperation,
  type IncidentStore,
  type OperationStore,
  type StoredItem,
  shownOperation,
} from '../../bulk/operation.ts';
import { isSealedItem } from '../../bulk/sealed-operations.ts';
import { accountOf, type VisibleSecrets } from '../../guard/visible-secrets.ts';
import type { Identity, Requester } from '../../identity.ts';
import type { AuditTrail } from '../../looks/audit-trail.ts';
import type { ChangeEnds } from '../../stored/change-ends.ts';
import type { CommandSeal } from '../../stored/command-seal.ts';
import type { SecretLock } from '../../write/secret-lock.ts';
import { denialIn, evictedIn, storedDenial } from '../changes/denials.ts';
import { type IncidentDenial, type IncidentOrder, isIncidentAction } from '../incident.ts';
import { accountsFor, type SeenEstate } from '../plan/targets.ts';
import type { IncidentTrust } from '../trust.ts';
import type { IsGone } from './gone.ts';
import { endOfLift, itemsOf } from './progress.ts';

/** What is under way when somebody lifts is waited for, so long. */
const STILL_WITHIN_MS = 10_000;
const ASK_EVERY_MS = 200;

type Left = Pick<StoredItem, 'secretId' | 'request'>;
type Changed = Pick<StoredItem, 'secretId' | 'request' | 'changeId' | 'result'>;

/** Undoing incidents. Each method @throws DomainError audit-unavailable. */
export type Lifting = {
  /** Secrets that are still to be lifted. */
  left(incident: AskedOperation): Promise<number>;
  /** @returns how many it is about. @throws DomainError incident-running, forbidden */
  begin(requester: Requester, incident: AskedOperation, order: IncidentOrder): Promise<number>;
};

export function createLifting(deps: {
  bulk: Pick<BulkOperations, 'start' | 'halt'>;
  operations: Pick<OperationStore, 'find' | 'items'>;
  store: Pick<IncidentStore, 'lifts'>;
  trail: Pick<AuditTrail, 'stream'>;
  ended: ChangeEnds;
  isGone: IsGone;
  trust: Pick<IncidentTrust, 'lastLift' | 'isTrue' | 'secretOf' | 'missing'>;
  estate: Pick<SeenEstate, 'find'>;
  seal: CommandSeal;
  lock: SecretLock;
  visible: Pick<VisibleSecrets, 'assertMayUse'>;
  sleep(ms: number): Promise<void>;
}): Lifting {
  const { operations, seal } = deps;

  /** Nothing more of it is begun, and what was has ended. */
  async function still(requester: Requester, { id, finishedAt, ...operation }: AskedOperation): Promise<void> {
    if (finishedAt !== null) return;
    await deps.bulk.halt(requester, shownOperation({ id, finishedAt, ...operation }));
    for (let waited = 0; waited < STILL_WITHIN_MS; waited += ASK_EVERY_MS) {
      await deps.sleep(ASK_EVERY_MS);
      if ((await operations.find(id))?.finishedAt != null) return;
    }
    throw new DomainError('incident-running');
  }

  /** The change ids of what was lifted already, by the word of the journal. */
  async function liftedOf(incident: string): Promise<Set<string>> {
    const lifted = new Set<string>();
    for (const {
      operation: { id },
    } of await deps.store.lifts(incident)) {
      for await (const item of itemsOf(operations, id)) {
        const end = await deps.ended(item.changeId);
        if (end?.action !== 'lift' || end.request['incident'] !== incident) continue;
        if (end.outcome === 'applied' || end.outcome === 'unchanged') lifted.add(String(end.request['changeId']));
      }
    }
    return lifted;
  }

  /** By its items, and by the journal where somebody changed some or took them out, or the key of their seals is gone. */
  async function* changesOf(incident: AskedOperation): AsyncGenerator<Changed> {
    const { id, action } = incident;
    const known = new Set<string>();
    let strange = 0;
    for await (const item of itemsOf(operations, id)) {
      if (isSealedItem(seal, id, item)) {
        known.add(item.changeId);
        yield item;
      } else strange += 1;
    }
    if (!isIncidentAction(action) || strange + deps.trust.missing(incident, known.size) === 0) return;
    for await (const { secret, changeId, request } of deps.trail.stream({ action })) {
      if (secret.arn === null || request['incident'] !== id || known.has(changeId)) continue;
      known.add(changeId);
      yield { secretId: secret.arn, changeId, request, result: null };
    }
  }

  /** Whatever became of them: what a dead process sent may stand, and whether it does the policy says. */
  async function itemsLeft(incident: AskedOperation): Promise<Left[]> {
    const { id, action } = incident;
    const lifted = await liftedOf(id);
    const left: Left[] = [];
    for await (const item of changesOf(incident)) {
      const { secretId, changeId, request } = item;
      if (request['refused'] === true) continue;
      if (lifted.has(changeId) && !(await isBack(id, secretId))) continue;
      if (await neverWas(item)) continue;
      left.push({ secretId, request: { incident: id, changeId, ...storedDenial(denialOf(action, request)) } });
    }
    return left;
  }

  /** Somebody outside put it there again after it was lifted, by what was seen last: none but a lift takes it out. */
  const isBack = async (id: string, secretId: string): Promise<boolean> => {
    const seen = await deps.estate.find(secretId);
    return statementsOf(seen?.policy ?? null).some((statement) => isUnder(statement, id));
  };

  /** There is no such secret, and AWS was never asked to change it. */
  const neverWas = async ({ result, changeId }: Changed): Promise<boolean> =>
    result?.problem?.code === 'secret-not-found' && (await deps.ended(changeId)) === null;

  /** An account that the caller may not use, or that this service works for no more, keeps no other from being lifted. */
  async function judged(identity: Identity, items: readonly Left[]) {
    const mayUse = accountsFor(identity, deps.visible);
    const all = [];
    for (const item of items) {
      const refusal = await mayUse({ arn: item.secretId, account: accountOf(item.secretId) ?? '' });
      all.push({ ...item, ...(refusal && { problem: { code: refusal.code, detail: refusal.message } }) });
    }
    return all;
  }

  return {
    left: async (incident) => (await itemsLeft(incident)).length,
    async begin(requester, incident, order) {
      await still(requester, incident);
      // Over all replicas: of two at once each would give back what the other has.
      return deps.lock.withLock(`incidents/${incident.id}`, async () => {
        const last = await deps.trust.lastLift(incident.id, await deps.store.lifts(incident.id));
        if (last !== null && last.operation.finishedAt === null) throw new DomainError('incident-running');
        const items = await judged(requester.identity, await itemsLeft(incident));
        const of = { action: 'lift', dryRun: false, incident: { id: incident.id }, items } as const;
        // An incident of which nothing is left ends by a lift of nothing.
        const isEnded = items.length === 0 && last !== null && (await endOfLift(last.order, deps)) !== 'partlyLifted';
        if (!isEnded) await deps.bulk.start(requester, { ...order, ...of });
        return items.length;
      });
    },
  };
}

const denialOf = (action: string, request: Record<string, unknown>): IncidentDenial =>
  action === 'freeze' ? denialIn({ ...request, of: 'freeze' }) : { action: 'evict', evicted: evictedIn(request) };

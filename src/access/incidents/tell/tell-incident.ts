import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Clock } from '../../../clock.ts';
import type { Page, PageRequest } from '../../../page.ts';
import { statementsOf } from '../../../policy/document.ts';
import type {
  AskedOperation,
  BulkOperation,
  IncidentStore,
  OperationStore,
  OrderedOperation,
} from '../../bulk/operation.ts';
import { shownOperation } from '../../bulk/operation.ts';
import { SYSTEM } from '../../identity.ts';
import type { ChangeEnds } from '../../stored/change-ends.ts';
import type { Warning } from '../../write/change.ts';
import { letsServicesOf } from '../evicted.ts';
import type { IncidentAction, IncidentAsked, IncidentDenial } from '../incident.ts';
import type { IsGone } from '../lift/gone.ts';
import { endOfLift, isOver, itemsOf, settledCounts, settledItem } from '../lift/progress.ts';
import { mayRead, readerEvicted } from '../plan/may-read.ts';
import { readAsked } from '../plan/read-asked.ts';
import { openTo, type SeenEstate } from '../plan/targets.ts';
import type { StandingIncidents } from '../standing/standing-incidents.ts';
import type { IncidentTrust } from '../trust.ts';
import { type NotDone, type NotLifted, notLiftedOf, OPEN } from './not-done.ts';
import { createSecretTeller, type IncidentSecret, type Sees } from './tell-secrets.ts';

/** Of each list in one answer. */
const TOLD = 1_000;

export const incidentStatuses = ['running', 'standing', 'lifting', 'lifted', 'partlyLifted'] as const;
type IncidentStatus = (typeof incidentStatuses)[number];

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
  /** What is not denied, and why: at most 1,000, of so many. */
  notDone: NotDone[];
  notDoneTotal: number;
  /** What may have been read before: at most 1,000, of so many. */
  rotate: string[];
  rotateTotal: number;
  /** What its last lift left, and who may end that: at most 1,000, of so many. */
  notLifted: NotLifted[];
  notLiftedTotal: number;
  /** What else to know of some secrets: at most 1,000. */
  warnings: ({ secretId: string } & Warning)[];
};

type Deps = {
  operations: Pick<OperationStore, 'items'>;
  store: Pick<IncidentStore, 'lifts'>;
  trust: IncidentTrust;
  ended: ChangeEnds;
  isGone: IsGone;
  estate: SeenEstate;
  standing: StandingIncidents;
  partition: string;
  clock: Clock;
};

/** What there is to tell of an incident. Each method @throws DomainError audit-unavailable. */
export function createIncidentTeller(deps: Deps) {
  const { operations, ended } = deps;
  const secrets = createSecretTeller(deps);
  const withSettled = async <Asked extends AskedOperation>(operation: Asked): Promise<Asked> => ({
    ...operation,
    counts: await settledCounts(operation, deps),
  });

  async function statusOf(operation: BulkOperation, last: OrderedOperation | null): Promise<IncidentStatus> {
    if (last === null) return operation.finishedAt === null ? 'running' : 'standing';
    if (last.operation.finishedAt === null) return 'lifting';
    return (await endOfLift(last.order, deps)) ?? 'lifting';
  }

  const lastLift = async ({ id }: AskedOperation): Promise<OrderedOperation | null> =>
    deps.trust.lastLift(id, await deps.store.lifts(id));

  async function inShort(asked: AskedOperation, last?: OrderedOperation | null): Promise<Incident> {
    last ??= await lastLift(asked);
    const [operation, lift] = await Promise.all([
      withSettled(asked),
      last === null ? null : withSettled(last.operation),
    ]);
    return {
      id: operation.id,
      action: operation.action === 'freeze' ? 'freeze' : 'evict',
      asked: operation.incident?.asked ?? {},
      status: await statusOf(operation, last),
      operation: shownOperation(operation),
      lift: lift && shownOperation(lift),
    };
  }

  /** @param sees whether to name a secret; what it does not is counted */
  async function inFull(asked: AskedOperation, sees: Sees): Promise<IncidentDetail> {
    const last = await lastLift(asked);
    const incident = await inShort(asked, last);
    const listOf = <T extends { secretId: string }>() => toldList<T>(sees);
    const notDone = listOf<NotDone>();
    const notLifted = listOf<NotLifted>();
    const rotate = listOf<{ secretId: string }>();
    const warnings = listOf<IncidentDetail['warnings'][number]>();
    const known = new Set<string>();
    const of = { asked, stands: standsBy(incident) };
    for await (const stored of itemsOf(operations, asked.id)) {
      const { secretId, notDone: why, ...told } = await secrets.tell(stored, of);
      known.add(secretId);
      for (const warning of told.warnings) await warnings.add({ secretId, ...warning });
      if (told.rotate) await rotate.add({ secretId });
      if (why !== null) await notDone.add({ secretId, ...why });
      await nextTurn();
    }
    const unnamed = (asked.incident?.hidden ?? 0) + deps.trust.missing(asked, known.size);
    for await (const secretId of openSince(incident, known)) await notDone.add({ secretId, ...OPEN });
    if (last !== null)
      for await (const item of itemsOf(operations, last.order.id)) {
        for (const warning of item.result?.warnings ?? []) await warnings.add({ secretId: item.secretId, ...warning });
        if (incident.status !== 'partlyLifted' || (await isOver(last.order, item, deps))) continue;
        await notLifted.add(notLiftedOf(await settledItem(item, ended)));
      }
    return {
      ...(await shown(incident, sees)),
      ...{ notDone: notDone.told, notDoneTotal: notDone.count() + unnamed },
      ...{ rotate: rotate.told.map(({ secretId }) => secretId), rotateTotal: rotate.count() },
      ...{ notLifted: notLifted.told, notLiftedTotal: notLifted.count(), warnings: warnings.told },
    };
  }

  /** Secrets that are none of an eviction, and would be if it were begun now. */
  async function* openSince({ id, status, asked }: Incident, known: Set<string>): AsyncGenerator<string> {
    const meant = readAsked(asked, deps.partition);
    if (meant.action !== 'evict' || status !== 'standing') return;
    const others = async () => (await deps.standing()).filter((one) => one.id !== id);
    const reader = readerEvicted(meant.evicted, deps.partition);
    for await (const { secretId, seen } of openTo(meant.evicted, { ...deps, standing: others })) {
      if (known.has(secretId) || seen === null || seen.secret.deletedAt !== null) continue;
      known.add(secretId);
      await nextTurn();
      const statements = statementsOf(seen.policy ?? null);
      const isRead = await mayRead(seen, reader, { now: deps.clock(), identity: SYSTEM.identity });
      if (isRead || statements.some((one) => letsServicesOf(one, meant.evicted))) yield secretId;
    }
  }

  const standsBy = ({ status, asked }: Pick<Incident, 'status' | 'asked'>): IncidentDenial | null =>
    status === 'standing' ? readAsked(asked, deps.partition) : null;

  const shown = async <Told extends Incident>(incident: Told, sees: Sees): Promise<Told> => ({
    ...incident,
    asked: await namedIn(incident.asked, sees),
  });

  return {
    /** @param sees as of `inFull` */
    inShort: async (asked: AskedOperation, sees: Sees): Promise<Incident> => shown(await inShort(asked), sees),
    inFull,
    /** Each of its secrets, in the order in which they were asked for. */
    async secrets(asked: AskedOperation, sees: Sees, page: PageRequest): Promise<Page<IncidentSecret>> {
      // Without its counts: each page would look at all of its secrets for them.
      const status = await statusOf(asked, await lastLift(asked));
      return secrets.page({ asked, stands: standsBy({ status, asked: asked.incident?.asked ?? {} }) }, sees, page);
    },
  };
}

/** What is not named is among the counts of the operation. */
async function namedIn({ freeze, ...asked }: IncidentAsked, sees: Sees): Promise<IncidentAsked> {
  if (freeze?.secretIds === undefined) return { ...asked, ...(freeze && { freeze }) };
  const secretIds: string[] = [];
  for (const secretId of freeze.secretIds) if (await sees(secretId)) secretIds.push(secretId);
  return { ...asked, freeze: secretIds.length > 0 ? { secretIds } : {} };
}

function toldList<T extends { secretId: string }>(sees: Sees) {
  const told: T[] = [];
  let all = 0;
  return {
    told,
    count: () => all,
    async add(one: T) {
      all += 1;
      if (told.length < TOLD && (await sees(one.secretId))) told.push(one);
    },
  };
}

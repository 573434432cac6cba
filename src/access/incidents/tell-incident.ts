import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Clock } from '../../clock.ts';
import { statementsOf } from '../../policy/document.ts';
import type { AskedOperation, BulkOperation, IncidentStore, OperationStore, StoredItem } from '../bulk/operation.ts';
import { shownOperation } from '../bulk/operation.ts';
import type { ChangeEnds } from '../stored/change-ends.ts';
import type { Warning } from '../write/change.ts';
import { letsServicesOf } from './evicted.ts';
import type { IsGone } from './gone.ts';
import type { IncidentAction, IncidentAsked } from './incident.ts';
import { mayRead, readerEvicted } from './may-read.ts';
import { endOfLift, isDone, itemsOf, settledCounts, settledItem } from './progress.ts';
import { readAsked } from './read-asked.ts';
import type { StandingIncidents } from './standing-incidents.ts';
import { wasTakenOut } from './taken-out.ts';
import { openTo, type SeenEstate } from './targets.ts';

/** Of each list in one answer. */
const TOLD = 1_000;

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

export const notDoneReasons = ['failed', 'refused', 'cancelled', 'awaitingApproval', 'open'] as const;
export type NotDone = {
  secretId: string;
  /** `open`: it lets somebody in who is evicted, since the incident was begun; or what was denied was taken out. */
  reason: (typeof notDoneReasons)[number];
  problem: { code: string; detail: string };
};

export type IncidentDetail = Incident & {
  /** What is not denied, and why: at most 1,000, of so many. */
  notDone: NotDone[];
  notDoneTotal: number;
  /** What may have been read before: at most 1,000, of so many. */
  rotate: string[];
  rotateTotal: number;
  /** What else to know of some secrets: at most 1,000. */
  warnings: ({ secretId: string } & Warning)[];
};

type Deps = {
  operations: Pick<OperationStore, 'items'>;
  store: Pick<IncidentStore, 'lifts'>;
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
  const withSettled = async <Operation extends AskedOperation>(operation: Operation): Promise<Operation> => ({
    ...operation,
    counts: await settledCounts(operation, deps),
  });

  async function statusOf(operation: BulkOperation, lift: AskedOperation | null): Promise<IncidentStatus> {
    if (lift === null) return operation.finishedAt === null ? 'running' : 'standing';
    return (await endOfLift(lift, deps)) ?? 'lifting';
  }

  async function inShort(asked: AskedOperation): Promise<Incident> {
    const [last] = await deps.store.lifts(asked.id);
    const [operation, lift] = await Promise.all([withSettled(asked), last === undefined ? null : withSettled(last)]);
    return {
      id: operation.id,
      action: operation.action === 'freeze' ? 'freeze' : 'evict',
      asked: operation.incident?.asked ?? {},
      status: await statusOf(operation, lift),
      operation: shownOperation(operation),
      lift: lift && shownOperation(lift),
    };
  }

  async function inFull(asked: AskedOperation): Promise<IncidentDetail> {
    const incident = await inShort(asked);
    const notDone = listOf<NotDone>();
    const rotate = listOf<string>();
    const warnings = listOf<IncidentDetail['warnings'][number]>();
    const known = new Set<string>();
    const denial = readAsked(incident.asked, deps.partition);
    const takenOut = async (item: StoredItem): Promise<NotDone | null> =>
      incident.status === 'standing' && (await wasTakenOut(item, { id: asked.id, denial }, deps))
        ? { secretId: item.secretId, ...TAKEN_OUT }
        : null;
    for await (const stored of itemsOf(operations, asked.id)) {
      const item = await settledItem(stored, ended);
      known.add(item.secretId);
      for (const warning of item.result?.warnings ?? []) warnings.add({ secretId: item.secretId, ...warning });
      if (item.request['rotate'] === true) rotate.add(item.secretId);
      const why = notDoneOf(item, asked.finishedAt !== null) ?? (await takenOut(item));
      if (why !== null) notDone.add(why);
      await nextTurn();
    }
    for await (const secretId of openSince(incident, known)) notDone.add({ secretId, ...OPEN });
    if (incident.lift !== null)
      for await (const { secretId, result } of itemsOf(operations, incident.lift.id))
        for (const warning of result?.warnings ?? []) warnings.add({ secretId, ...warning });
    return {
      ...incident,
      ...{ notDone: notDone.told, notDoneTotal: notDone.count() + (asked.incident?.hidden ?? 0) },
      ...{ rotate: rotate.told, rotateTotal: rotate.count(), warnings: warnings.told },
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
      if (mayRead(seen, reader, deps.clock()) || statements.some((one) => letsServicesOf(one, meant.evicted)))
        yield secretId;
    }
  }

  return { inShort, inFull };
}

const OPEN = {
  reason: 'open',
  problem: {
    code: 'policy-changed',
    detail: 'It was not there when this was begun, or let nobody in who is evicted. Evict again.',
  },
} as const;

const TAKEN_OUT = {
  reason: 'open',
  problem: {
    code: 'policy-changed',
    detail: 'What was denied is not in the policy any more, by what was seen of it since. Begin this again.',
  },
} as const;

function listOf<T>() {
  const told: T[] = [];
  let all = 0;
  return {
    told,
    count: () => all,
    add(one: T) {
      all += 1;
      if (told.length < TOLD) told.push(one);
    },
  };
}

function notDoneOf({ secretId, status, request, result }: StoredItem, isOver: boolean): NotDone | null {
  if (isDone(status) || (!isOver && (status === 'pending' || status === 'running'))) return null;
  const told = (reason: NotDone['reason'], code: string, detail: string): NotDone => ({
    ...{ secretId, reason },
    problem: result?.problem ?? { code, detail },
  });
  if (status === 'awaitingApproval')
    return told(status, 'forbidden', `A second person must approve it: ${waitsFor(result)}.`);
  if (status === 'failed')
    return told(request['refused'] === true ? 'refused' : status, 'internal-error', 'It failed.');
  return told('cancelled', 'stored-command-refused', 'It was cancelled, or nobody knows what became of it.');
}

const waitsFor = (result: StoredItem['result']): string => `/v1/approvals/${result?.approvalId ?? ''}`;

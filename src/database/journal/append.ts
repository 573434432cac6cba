import type { Transaction } from 'kysely';
import { type ChainHead, seal } from '../../audit/chain.ts';
import { type AuditEvent, CONFLICT, type EventDraft } from '../../audit/event.ts';
import type { Clock } from '../../clock.ts';
import type { Database } from '../database.ts';
import type { Schema } from '../schema.ts';
import { closeOldest, insertEvents, insertIntents, lockHead, moveHead, openOf } from './append-statements.ts';
import { newestOutcome } from './last-policy.ts';
import { rowOf } from './rows.ts';

/** `intended`: the changes of which these are to end an intent; `upTo`: what they stand on (both: audit-journal.ts). */
export type AppendRequest = {
  drafts: readonly EventDraft[];
  intended?: ReadonlySet<string>;
  upTo?: number | undefined;
};

/**
 * Appends several requests' drafts in one transaction, each request's wholly or not at all. The head of the chain is
 * locked from the first statement to the commit, so that replicas append one after another, without a gap.
 */
export const appendInOneTransaction = (
  database: Database,
  clock: Clock,
  asked: readonly AppendRequest[],
): Promise<PromiseSettledResult<AuditEvent[]>[]> =>
  database.kysely.transaction().execute(async (trx) => {
    const head = await lockHead(trx, database.kind);
    const requests = await withoutConflicts(trx, asked);
    const { results, rows, end } = linkAll(requests, head, clock());
    await insertEvents(trx, rows);
    if (end.sequence > head.sequence) await moveHead(trx, end);

    const events = results.flatMap((result) => (result.status === 'fulfilled' ? result.value : []));
    await openIntents(
      trx,
      events.filter(({ phase }) => phase === 'intent'),
    );
    await closeIntents(
      trx,
      events.filter(({ phase }) => phase === 'outcome'),
    );
    return results;
  });

const keyOf = ({ changeId, action }: Pick<EventDraft, 'changeId' | 'action'>) => `${changeId} ${action}`;

/** Nobody else ends an intent meanwhile: the head of the chain is locked. */
const withoutConflicts = async (
  trx: Transaction<Schema>,
  asked: readonly AppendRequest[],
): Promise<(readonly EventDraft[])[]> => {
  const ending = asked.flatMap(({ drafts, intended }) => drafts.filter(({ changeId }) => intended?.has(changeId)));
  const open = new Set((await openOf(trx, ending)).map(({ change_id, action }) => `${change_id} ${action}`));
  const late = new Set(ending.filter((draft) => !open.has(keyOf(draft))));
  const conflicts = new Set<EventDraft>();
  for (const draft of late) {
    if (draft.outcome === 'applied' && (await lastOutcome(trx, draft)) !== 'applied') conflicts.add(draft);
  }
  const overtaken = new Set<AppendRequest>();
  for (const request of asked) if (await isOvertaken(trx, request)) overtaken.add(request);
  return asked.map((request) => {
    if (overtaken.has(request)) return [];
    const { drafts } = request;
    const isLate = drafts.some((draft) => late.has(draft));
    return drafts.flatMap((draft) => {
      if (late.has(draft))
        return conflicts.has(draft) ? [{ ...draft, outcome: 'unknown', error: CONFLICT } as const] : [];
      return isLate && draft.outcome === 'unchanged' ? [] : [draft];
    });
  });
};

const isOvertaken = async (trx: Transaction<Schema>, { drafts, upTo }: AppendRequest): Promise<boolean> => {
  const arn = drafts[0]?.secret.arn;
  return upTo !== undefined && arn != null && (await newestOutcome(trx, arn)) > upTo;
};

const lastOutcome = async (trx: Transaction<Schema>, { changeId, action }: EventDraft): Promise<string | null> => {
  const outcomes = trx.selectFrom('audit_events').select('outcome').where('change_id', '=', changeId);
  const last = outcomes.where('action', '=', action).where('outcome', 'is not', null).orderBy('sequence', 'desc');
  return (await last.limit(1).executeTakeFirst())?.outcome ?? null;
};

/** A request that cannot be sealed fails alone and takes no link. */
const linkAll = (requests: readonly (readonly EventDraft[])[], start: ChainHead, time: Date) => {
  const rows: ReturnType<typeof rowOf>[] = [];
  let end = start;
  const results = requests.map((drafts): PromiseSettledResult<AuditEvent[]> => {
    try {
      let head = end;
      const sealed = drafts.map((draft) => {
        const link = seal(draft, head, time);
        head = { sequence: link.event.sequence, hash: link.event.hash };
        return { event: link.event, row: rowOf(link) };
      });
      rows.push(...sealed.map(({ row }) => row));
      end = head;
      return { status: 'fulfilled', value: sealed.map(({ event }) => event) };
    } catch (reason) {
      return { status: 'rejected', reason };
    }
  });
  return { results, rows, end };
};

const openIntents = async (trx: Transaction<Schema>, intents: AuditEvent[]): Promise<void> => {
  const rows = intents.map(({ sequence, changeId, action, secret, time }) => ({
    sequence,
    change_id: changeId,
    action,
    secret_arn: secret.arn,
    time_ms: Date.parse(time),
  }));
  await insertIntents(trx, rows);
};

/** Each outcome closes the oldest open intent of its change and action; an outcome that had no intent closes none. */
const closeIntents = async (trx: Transaction<Schema>, outcomes: AuditEvent[]): Promise<void> => {
  for (let pending = outcomes; pending.length > 0; ) {
    const oneOfEach = new Map(pending.map((event) => [keyOf(event), event]));
    await closeOldest(trx, [...oneOfEach.values()]);
    pending = pending.filter((event) => oneOfEach.get(keyOf(event)) !== event);
  }
};

import { type Kysely, sql } from 'kysely';
import type { KnownPolicy } from '../../access/write/record/audit-journal.ts';
import { openDocument } from '../../audit/chain.ts';
import { type AuditEvent, CONFLICT, type PolicyTransition } from '../../audit/event.ts';
import type { Lru } from '../../lru.ts';
import { prepared } from '../prepared.ts';
import type { Schema } from '../schema.ts';

const BATCH = 10;
const UNLANDED_AMONG = 50;

/** Events by their hash, of which the last of a secret is asked for at every look. */
export type RecentEvents = Lru<AuditEvent>;

/**
 * The policy that the last recorded change of a secret left, in the order of the chain. A change whose outcome is
 * unknown, or not written yet, may or may not have happened: either of its documents may be attached. One that came
 * between the changes of another replica is not what should be: it is found as drift.
 */
export const lastPolicy = async (
  kysely: Kysely<Schema>,
  recent: RecentEvents,
  secretArn: string,
): Promise<KnownPolicy | null> => {
  // Nearly always nothing is open, and the newest outcome says it.
  const [newest] = await selectNewestOutcome(kysely, { secretArn });
  if (newest !== undefined && Number(newest.open) === 0) {
    const event = await eventOf(kysely, recent, newest);
    if (event?.policy && isCertain(event)) return known([], event, false, newest.sequence);
  }
  // Else in this order: an intent that ends meanwhile is among the outcomes.
  const uncertain: PolicyTransition[] = [];
  for (const { policy } of await openIntentsOf(kysely, secretArn)) if (policy !== null) uncertain.push(policy);
  const open = uncertain.length > 0;
  const upTo = newest?.sequence ?? 0;
  for await (const event of outcomesOf(kysely, recent, secretArn)) {
    const { outcome, policy, error } = event;
    if (policy === null) continue;
    if (outcome === 'unknown' && error?.code !== CONFLICT.code) uncertain.push(policy);
    if (isCertain(event)) return known(uncertain, event, open, upTo);
  }
  return uncertain.length === 0 ? null : known(uncertain, undefined, open, upTo);
};

/** Of the last `UNLANDED_AMONG` outcomes: a write that lands later than that many changes was not waited for. */
export const unlandedChange = async (
  kysely: Kysely<Schema>,
  recent: RecentEvents,
  secretArn: string,
  afterHash: string,
): Promise<string | null> => {
  let left = UNLANDED_AMONG;
  for await (const { outcome, policy, changeId } of outcomesOf(kysely, recent, secretArn)) {
    if ((outcome === 'failed' || outcome === 'unknown') && policy?.afterHash === afterHash) return changeId;
    left -= 1;
    if (left === 0) break;
  }
  return null;
};

/** The sequence of the newest; 0 for none. */
export const newestOutcome = async (kysely: Kysely<Schema>, secretArn: string): Promise<number> =>
  (await selectNewestOutcome(kysely, { secretArn }))[0]?.sequence ?? 0;

/** The documents of some, newest first: two policies each, so that a batch is half a megabyte at most. */
export const appliedTo = async (kysely: Kysely<Schema>, secretArn: string, before: number): Promise<AuditEvent[]> => {
  const rows = await selectApplied(kysely, { secretArn, before });
  return rows.map(({ document, hash }) => openDocument(document, hash));
};

const isCertain = ({ outcome }: AuditEvent): boolean => outcome === 'applied' || outcome === 'unchanged';

/** `certain` is older than every uncertain one, or absent. */
const known = (
  uncertain: PolicyTransition[],
  certain: AuditEvent | undefined,
  open: boolean,
  upTo: number,
): KnownPolicy => {
  const hashes = uncertain.flatMap(({ beforeHash, afterHash }) => [afterHash, beforeHash]);
  const policy = certain?.policy ?? undefined;
  if (policy !== undefined) hashes.push(policy.afterHash);
  const { after = null, missing = [], droppedDenials = [] } = uncertain[0] ?? policy ?? {};
  return {
    upTo,
    document: after,
    hashes: [...new Set(hashes)],
    missing,
    droppedDenials,
    open,
    byOthers: isOfOthers(certain),
  };
};

/** A write of ours that landed late is recorded as a drift, too. */
const isOfOthers = (certain: AuditEvent | undefined): boolean =>
  certain?.action === 'drift' && certain.request['landedLate'] === undefined;

/** Newest first. */
export const openIntentsOf = async (kysely: Kysely<Schema>, secretArn: string): Promise<AuditEvent[]> => {
  const rows = await selectOpenIntents(kysely, { secretArn });
  return rows.map(({ document, hash }) => openDocument(document, hash));
};

/** Newest first. */
async function* outcomesOf(
  kysely: Kysely<Schema>,
  recent: RecentEvents,
  secretArn: string,
): AsyncGenerator<AuditEvent> {
  for (let before = Number.MAX_SAFE_INTEGER; ; ) {
    const rows = await selectOutcomes(kysely, { secretArn, before });
    for (const row of rows) {
      const event = await eventOf(kysely, recent, row);
      // An archive may have taken it meanwhile, with all before it.
      if (event === undefined) return;
      yield event;
    }
    const last = rows.at(-1);
    if (last === undefined || rows.length < BATCH) return;
    before = last.sequence;
  }
}

async function eventOf(
  kysely: Kysely<Schema>,
  recent: RecentEvents,
  { sequence, hash }: { sequence: number; hash: string },
): Promise<AuditEvent | undefined> {
  const kept = recent.find(hash);
  if (kept !== undefined) return kept;
  const [row] = await selectDocument(kysely, { sequence });
  return row && recent.keep(hash, openDocument(row.document, hash));
}

const selectNewestOutcome = prepared<{ secretArn: string }>()((kysely, value) =>
  kysely
    .selectFrom('audit_events')
    .select(['sequence', 'hash'])
    .select((eb) =>
      eb
        .selectFrom('open_intents')
        .select((count) => count.fn.countAll().as('count'))
        .where('open_intents.secret_arn', '=', value('secretArn'))
        .as('open'),
    )
    .where('secret_arn', '=', value('secretArn'))
    .where('outcome', 'is not', null)
    .orderBy('sequence', 'desc')
    .limit(sql.lit(1)),
);

const selectOpenIntents = prepared<{ secretArn: string }>()((kysely, value) =>
  kysely
    .selectFrom('open_intents')
    .innerJoin('audit_events', 'audit_events.sequence', 'open_intents.sequence')
    .select(['audit_events.document', 'audit_events.hash'])
    .where('open_intents.secret_arn', '=', value('secretArn'))
    .orderBy('open_intents.sequence', 'desc'),
);

const selectOutcomes = prepared<{ secretArn: string; before: number }>()((kysely, value) =>
  kysely
    .selectFrom('audit_events')
    .select(['sequence', 'hash'])
    .where('secret_arn', '=', value('secretArn'))
    .where('outcome', 'is not', null)
    .where('sequence', '<', value('before'))
    .orderBy('sequence', 'desc')
    .limit(sql.lit(BATCH)),
);

const selectApplied = prepared<{ secretArn: string; before: number }>()((kysely, value) =>
  kysely
    .selectFrom('audit_events')
    .select(['document', 'hash'])
    .where('secret_arn', '=', value('secretArn'))
    // As the index of outcomes says it.
    .where('outcome', 'is not', null)
    .where('outcome', '=', 'applied')
    .where('sequence', '<', value('before'))
    .orderBy('sequence', 'desc')
    .limit(sql.lit(BATCH)),
);

const selectDocument = prepared<{ sequence: number }>()((kysely, value) =>
  kysely.selectFrom('audit_events').select('document').where('sequence', '=', value('sequence')),
);

import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ChainHead } from '../../../audit/chain.ts';
import { parseEvent, type StoredEvent, type Verification, walkChain } from '../../../audit/verify-chain.ts';
import type { Database } from '../../database.ts';
import { atTheEdge } from '../../errors.ts';
import { flawOfBoundary } from './boundary.ts';
import { type Checkpoint, type CheckpointTrust, isSignedBy, loadCheckpoints } from './checkpoints.ts';

/** Events in memory at a time: few, so that they are garbage before the collector takes them for long-lived. */
const BATCH = 100;

/**
 * Verifies the journal in the database: every event's hash, link, place and columns, the recorded end of the chain,
 * and the signed checkpoints when a key is given. Starts after what was archived, which something signed must say, or the
 * archives themselves. Appends may go on meanwhile.
 * @param archives where they end, when they were verified
 * @param gone breaks it off
 * @throws DomainError audit-unavailable
 */
export const verifyJournal = (
  database: Database,
  trust?: CheckpointTrust,
  archives?: ChainHead,
  gone?: AbortSignal,
): Promise<Verification> =>
  atTheEdge(async () => {
    const before = await archivedEnd(database);
    const isShown = before.sequence === 0 || (archives?.sequence === before.sequence && archives.hash === before.hash);
    const flaw = isShown ? null : await flawOfBoundary(database, before, trust);
    const lowest = await lowestEvent(database);
    const verification = await verifyFrom(before, database, trust, flaw, gone);
    if (verification.intact) return verification;
    const isAsItWas =
      (await archivedEnd(database)).sequence === before.sequence && (await lowestEvent(database)) === lowest;
    // Else an archive took events away from under us.
    return isAsItWas ? verification : verifyJournal(database, trust, archives, gone);
  });

const verifyFrom = async (
  start: ChainHead,
  database: Database,
  trust: CheckpointTrust | undefined,
  flawOfStart: string | null,
  gone: AbortSignal | undefined,
): Promise<Verification> => {
  // In this order: what a checkpoint or the chain's end promises by now must be among the events read afterwards.
  const checkpoints = trust === undefined ? [] : await loadCheckpoints(database, trust.file);
  const end = await recordedEnd(database);
  const keeps = checkpointPromises(checkpoints, trust);

  const flawAtStart = flawOfStart ?? (start.sequence === 0 ? null : keeps(start));
  const strange = flawAtStart === null ? await strangeBefore(database, start) : null;
  const walk = await walkChain(storedEvents(database, start.sequence, { gone }), start, keeps);
  const firstBroken =
    flawAtStart !== null
      ? { sequence: start.sequence, reason: flawAtStart }
      : (strange ??
        walk.firstBroken ??
        missingTail(walk.head, end, checkpoints.at(-1)) ??
        wrongEnd(walk.head, await recordedEnd(database)));
  const events = walk.head.sequence - start.sequence;
  return { intact: firstBroken === null, events, archived: start.sequence, lastHash: walk.head.hash, firstBroken };
};

/** The last event that was archived: the rest of the chain goes on from it. */
export const archivedEnd = async ({ kysely }: Database): Promise<ChainHead> => {
  const chain = await kysely.selectFrom('audit_chain').selectAll().executeTakeFirstOrThrow();
  return { sequence: chain.archived_sequence, hash: chain.archived_hash };
};

const lowestEvent = async ({ kysely }: Database): Promise<number | null> => {
  const first = await kysely
    .selectFrom('audit_events')
    .select('sequence')
    .orderBy('sequence')
    .limit(1)
    .executeTakeFirst();
  return first?.sequence ?? null;
};

/**
 * Events that were archived may be there still, where an archive is under way or was broken off: they lead up to its end.
 * Others would be read, and were never of the chain.
 */
const strangeBefore = async (database: Database, end: ChainHead): Promise<Verification['firstBroken']> => {
  const lowest = await lowestEvent(database);
  if (lowest === null || lowest > end.sequence) return null;
  const hash = await namedBy(database, lowest);
  const rest = storedEvents(database, lowest - 1, { upTo: end.sequence });
  const { head, firstBroken } = await walkChain(rest, { sequence: lowest - 1, hash });
  if (firstBroken !== null) return firstBroken;
  if (lowest > 0 && head.sequence === end.sequence && head.hash === end.hash) return null;
  return { sequence: lowest, reason: `It is not of the chain, which begins after event ${end.sequence}.` };
};

const namedBy = async ({ kysely }: Database, sequence: number): Promise<string> => {
  const row = await kysely
    .selectFrom('audit_events')
    .select('document')
    .where('sequence', '=', sequence)
    .executeTakeFirst();
  return parseEvent(row?.document ?? '')?.previousHash ?? '';
};

const recordedEnd = ({ kysely }: Database): Promise<ChainHead> =>
  kysely.selectFrom('audit_chain').select(['sequence', 'hash']).executeTakeFirstOrThrow();

/** The events after a sequence, in the order of the chain. The database reads the next batch while one is used. */
export async function* storedEvents(
  { kysely }: Database,
  after: number,
  { upTo = Number.MAX_SAFE_INTEGER, gone }: { upTo?: number; gone?: AbortSignal | undefined } = {},
): AsyncGenerator<StoredEvent[]> {
  const read = (last: number) => {
    const rows = kysely
      .selectFrom('audit_events')
      .selectAll()
      .where('sequence', '>', last)
      .where('sequence', '<=', upTo);
    const batch = rows.orderBy('sequence').limit(BATCH).execute();
    // Heard when it is awaited; whoever stops before does not care.
    batch.catch(() => {});
    return batch;
  };
  for (let next = read(after); ; ) {
    const rows = await next;
    const end = rows.at(-1);
    if (end === undefined) return;
    next = read(end.sequence);
    yield rows.map(({ document, hash, ...columns }) => ({ document, hash, columns }));
    // SQLite answers at once, so without this nothing else would run until the whole journal is read.
    await nextTurn();
    gone?.throwIfAborted();
  }
}

/** What the checkpoints say against a link; null when they agree, or say nothing. */
const checkpointPromises = (checkpoints: readonly Checkpoint[], trust: CheckpointTrust | undefined) => {
  const bySequence = Map.groupBy(checkpoints, ({ sequence }) => sequence);
  return (link: ChainHead): string | null => {
    for (const checkpoint of bySequence.get(link.sequence) ?? []) {
      if (trust !== undefined && !isSignedBy(trust, checkpoint)) {
        return 'Its checkpoint is not signed by the given key.';
      }
      if (checkpoint.hash !== link.hash) {
        return 'A signed checkpoint names another hash: the chain was rewritten, here or since the checkpoint before.';
      }
    }
    return null;
  };
};

const missingTail = (head: ChainHead, end: ChainHead, newest: Checkpoint | undefined): Verification['firstBroken'] => {
  const sequence = head.sequence + 1;
  if (newest !== undefined && newest.sequence > head.sequence) {
    return { sequence, reason: `It is missing: a checkpoint says that the chain had reached ${newest.sequence}.` };
  }
  if (end.sequence > head.sequence) {
    return { sequence, reason: `It is missing: the chain had reached ${end.sequence}.` };
  }
  return null;
};

/** @param end read after the events: it is where they ended, or further on when appends went on meanwhile */
const wrongEnd = (head: ChainHead, end: ChainHead): Verification['firstBroken'] => {
  if (head.sequence > end.sequence) {
    return { sequence: end.sequence + 1, reason: `It is not of the chain, which ended at ${end.sequence}.` };
  }
  if (head.sequence === end.sequence && head.hash !== end.hash) {
    return { sequence: end.sequence, reason: 'The recorded end of the chain has another hash.' };
  }
  return null;
};

import { createPublicKey, type KeyObject } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { createInterface } from 'node:readline';
import { type ChainHead, chainStart, openDocument } from '../../audit/chain.ts';
import type { AuditEvent } from '../../audit/event.ts';
import { type StoredEvent, type Verification, walkChain } from '../../audit/verify-chain.ts';
import { canonicalJson } from '../../json/canonical-json.ts';
import type { Database } from '../database.ts';
import { atTheEdge, auditUnavailable } from '../errors.ts';
import { flawOfBoundary, moveBoundary } from './verification/boundary.ts';
import { archivedEnd, storedEvents } from './verification/verify-journal.ts';

/** Rows that one transaction deletes: appends wait no longer than that takes. */
const DELETE_BATCH = 1_000;

type ArchiveOptions = {
  before: Date;
  file: string;
  /** Keys that signed the archives before. */
  olderKeys?: readonly KeyObject[];
  /** Ed25519, of the checkpoints: signs up to where events were archived, so that verification knows it without the archives. */
  privateKey?: KeyObject;
  /** Where the archives before end, when they were verified: what was not signed before is signed over only then. */
  known?: ChainHead;
  time?: Date;
};

/** What an archive took: `last` is the event that the rest of the chain goes on from. */
type Archived = { events: number; last: ChainHead };

/**
 * Moves the oldest events to a new file, one JSON a line in the order of the chain, and keeps the hash that the rest
 * goes on from. Takes events up to the first that is not older than `before` or is an intent without an outcome.
 * The file is on disk before the first row goes. Run again after a crash with another file: what was moved is not
 * moved twice, rows that were left over go, and the file then begun holds nothing that the journal does not.
 * @throws Error when `file` exists. @throws DomainError audit-unavailable, also when the chain is broken there, or when it is to be
 *   signed over a gap that nothing shows: nothing is removed then
 */
export const archive = async (
  database: Database,
  { before, file, privateKey, olderKeys = [], known, time = new Date() }: ArchiveOptions,
): Promise<Archived> => {
  const start = await atTheEdge(() => archivedEnd(database));
  if (privateKey !== undefined && start.sequence > 0 && known?.hash !== start.hash) {
    const trust = { publicKey: createPublicKey(privateKey), older: olderKeys };
    const flaw = await atTheEdge(() => flawOfBoundary(database, start, trust));
    if (flaw !== null) throw auditUnavailable(flaw);
  }
  const last = await atTheEdge(() => lastToArchive(database, start, before));
  if (last > start.sequence) {
    const written = await writeArchive(database, start, last, file);
    await atTheEdge(() => moveBoundary(database, written, time, privateKey));
  }
  const end = await atTheEdge(() => archivedEnd(database));
  await atTheEdge(() => deleteArchived(database, end.sequence));
  return { events: end.sequence - start.sequence, last: end };
};

/**
 * Verifies archives, in order, as one chain.
 * @param from where the first of them goes on from: the end of the archive before, or the start of the chain
 */
export const verifyArchives = async (
  files: readonly string[],
  from: ChainHead = chainStart,
): Promise<Verification & { last: ChainHead }> => {
  const { head, firstBroken } = await walkChain(archivedEvents(files), from);
  const events = head.sequence - from.sequence;
  return {
    intact: firstBroken === null,
    events,
    archived: from.sequence,
    lastHash: head.hash,
    firstBroken,
    last: head,
  };
};

const lastToArchive = async ({ kysely }: Database, start: ChainHead, before: Date): Promise<number> => {
  const remaining = kysely.selectFrom('audit_events').where('sequence', '>', start.sequence);
  const kept = await remaining
    .select((eb) => eb.fn.min('sequence').as('sequence'))
    .where('time_ms', '>=', before.getTime())
    .executeTakeFirst();
  const open = await kysely
    .selectFrom('open_intents')
    .select((eb) => eb.fn.min('sequence').as('sequence'))
    .executeTakeFirst();
  const end = await kysely.selectFrom('audit_chain').select('sequence').executeTakeFirstOrThrow();
  return Math.min(kept?.sequence ?? Infinity, open?.sequence ?? Infinity, end.sequence + 1) - 1;
};

/** Writes, and verifies what it writes. */
const writeArchive = async (database: Database, start: ChainHead, last: number, file: string): Promise<ChainHead> => {
  const handle = await open(file, 'wx', 0o600);
  try {
    const writing = async function* () {
      for await (const batch of atMost(storedEvents(database, start.sequence), last)) {
        const lines = batch.map(({ document, hash }) => `${canonicalJson(openDocument(document, hash))}\n`);
        await handle.appendFile(lines.join(''));
        yield batch;
      }
    };
    const { head, firstBroken } = await walkChain(writing(), start);
    if (firstBroken !== null || head.sequence !== last) {
      const sequence = firstBroken?.sequence ?? head.sequence + 1;
      throw auditUnavailable(`The journal is broken at event ${sequence}: nothing was archived. Verify it first.`);
    }
    await handle.sync();
    await syncDirectory(dirname(file));
    return head;
  } finally {
    await handle.close();
  }
};

async function* atMost(batches: AsyncIterable<StoredEvent[]>, last: number): AsyncGenerator<StoredEvent[]> {
  for await (const batch of batches) {
    const wanted = batch.filter(({ columns }) => columns !== undefined && columns.sequence <= last);
    yield wanted;
    if (wanted.length < batch.length) return;
  }
}

/** A new file is durable once its directory is. */
const syncDirectory = async (path: string): Promise<void> => {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
};

const deleteArchived = async ({ kysely }: Database, last: number): Promise<void> => {
  const first = await kysely
    .selectFrom('audit_events')
    .select((eb) => eb.fn.min('sequence').as('sequence'))
    .executeTakeFirst();
  for (let from = first?.sequence ?? last + 1; from <= last; from += DELETE_BATCH) {
    const to = Math.min(last, from + DELETE_BATCH - 1);
    await kysely.deleteFrom('audit_events').where('sequence', '<=', to).execute();
  }
};

async function* archivedEvents(files: readonly string[]): AsyncGenerator<StoredEvent[]> {
  for (const file of files) {
    for await (const line of createInterface({ input: createReadStream(file) })) {
      const { hash, ...rest }: AuditEvent = JSON.parse(line);
      yield [{ document: canonicalJson(rest), hash }];
    }
  }
}

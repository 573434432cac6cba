import { sha256 } from '../hash.ts';
import type { ChainHead } from './chain.ts';
import { columnsOf, type EventColumns } from './columns.ts';
import type { AuditEvent } from './event.ts';

/**
 * `events` and `lastHash` are those of the whole part: up to the first broken event, or all of it. `archived`: how many came
 * before, and were not looked at.
 */
export type Verification = {
  intact: boolean;
  events: number;
  archived: number;
  lastHash: string;
  firstBroken: { sequence: number; reason: string } | null;
};

/** An event as it is stored: the text that was hashed, and the columns beside it where there are any. */
export type StoredEvent = { document: string; hash: string; columns?: EventColumns };

/** Walks a chain, a batch in memory at a time. `holds` may object to a link that is whole in itself. */
export const walkChain = async (
  batches: AsyncIterable<readonly StoredEvent[]>,
  start: ChainHead,
  holds: (link: ChainHead) => string | null = () => null,
): Promise<{ head: ChainHead; firstBroken: Verification['firstBroken'] }> => {
  let head = start;
  for await (const batch of batches) {
    for (const stored of batch) {
      const sequence = head.sequence + 1;
      const reason = flawOf(stored, head) ?? holds({ sequence, hash: stored.hash });
      if (reason !== null) return { head, firstBroken: { sequence, reason } };
      head = { sequence, hash: stored.hash };
    }
  }
  return { head, firstBroken: null };
};

/** Why a stored event is not the link after `head`; null when it is. */
const flawOf = ({ document, hash, columns }: StoredEvent, head: ChainHead): string | null => {
  const expected = head.sequence + 1;
  if (columns !== undefined && columns.sequence !== expected) {
    return `It is missing: the next event is number ${columns.sequence}.`;
  }
  if (sha256(document) !== hash) return 'Its hash is not that of its content: it was changed.';
  const event = parseEvent(document);
  if (event === undefined) return 'It is not an event.';
  if (event.sequence !== expected) return `Event number ${event.sequence} is in its place.`;
  if (event.previousHash !== head.hash) return 'It does not name the hash of the event before it.';
  return columns === undefined ? null : disagreement(columns, event);
};

/** The API finds events by their columns, so an edited column hides one as well as an edited event does. */
const disagreement = (stored: EventColumns, event: AuditEvent): string | null => {
  const derived = columnsOf(event);
  for (const name of Object.keys(derived) as (keyof EventColumns)[]) {
    if (stored[name] !== derived[name]) return `Its column ${name} does not agree with its content: it was changed.`;
  }
  return null;
};

/** A document with the right hash was still written by whoever rewrote the chain, so nothing about it is certain. */
export const parseEvent = (document: string): AuditEvent | undefined => {
  try {
    const event: AuditEvent = JSON.parse(document);
    return typeof event.secret === 'object' && typeof event.actor === 'object' ? event : undefined;
  } catch {
    return undefined;
  }
};

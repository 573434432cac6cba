import { sha256 } from '../hash.ts';
import { canonicalJson, Written } from '../json/canonical-json.ts';
import { perDocument } from '../policy/per-document.ts';
import { DomainError } from '../problems/problem.ts';
import { uuidV7 } from '../uuid.ts';
import type { AuditEvent, EventDraft } from './event.ts';

/** The last link of a chain. */
export type ChainHead = { sequence: number; hash: string };

/** Where every chain starts: nothing, and 64 zeros. */
export const chainStart: ChainHead = { sequence: 0, hash: '0'.repeat(64) };

/** An event with the text that was hashed: RFC 8785 JSON of the event without `hash`. */
export type SealedEvent = { event: AuditEvent; document: string };

/**
 * Makes a draft the next link of the chain.
 * @throws DomainError validation-failed when the draft holds text that JSON cannot carry (half a surrogate pair)
 */
export const seal = (draft: EventDraft, head: ChainHead, time: Date): SealedEvent => {
  const link = { id: uuidV7(time), sequence: head.sequence + 1, time: time.toISOString(), previousHash: head.hash };
  const document = documentOf({ ...draft, ...link });
  const digest = sha256(document);
  return { event: { ...draft, ...link, hash: digest }, document };
};

/** The event that a stored document and its hash make, with what tells events apart in front for the reader. */
export const openDocument = (document: string, hash: string): AuditEvent => {
  const { id, sequence, time, phase, changeId, ...rest } = JSON.parse(document);
  return { id, sequence, time, phase, changeId, ...rest, hash };
};

const documentOf = (event: Omit<AuditEvent, 'hash'>): string => {
  try {
    return canonicalJson(withWritten(event));
  } catch (error) {
    throw new DomainError('validation-failed', { why: 'The request holds text that JSON cannot carry.', cause: error });
  }
};

/** The documents of an intent are those of its outcome. */
function withWritten({ policy, ...rest }: Omit<AuditEvent, 'hash'>) {
  if (policy === null) return { ...rest, policy };
  const { before, after } = policy;
  return { ...rest, policy: { ...policy, before: before && written(before), after: after && written(after) } };
}

const written = perDocument((document) => new Written(document));

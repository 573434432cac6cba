import type { AuditEvent, DroppedDenial, EventDraft } from '../../../audit/event.ts';
import type { PolicyDocument } from '../../../policy/document.ts';
import type { Entry } from '../../../policy/entries/entry.ts';

/** The gate: what is not durably appended did not happen, and must not. Events of one call are one transaction. */
export interface AuditJournal {
  /**
   * @param upTo of drafts of one secret: they stand on its outcomes up to this sequence. Where another replica has recorded one
   * since, nothing is appended, and none are returned
   * @throws DomainError audit-unavailable, also when the database does not answer within the time limit
   */
  append(drafts: readonly EventDraft[], upTo?: number): Promise<AuditEvent[]>;
  /**
   * Appends outcomes, some of them of changes that have an intent (`intended`: their ids). Where another replica took this
   * one for dead and has ended such an intent meanwhile, its outcome stands: where it is another than `applied`, of what
   * was applied all the same a `conflict` is recorded, and anything else is left out; also what was `unchanged` beside it, since
   * the other may have changed the policy by now.
   */
  settle(outcomes: readonly EventDraft[], intended: ReadonlySet<string>): Promise<AuditEvent[]>;
  /** The policy as the last recorded change (or drift) of the secret left it; null when none is recorded. */
  lastPolicy(secretArn: string): Promise<KnownPolicy | null>;
  /** Which of the secret's latest changes that were taken for failed, or not known, meant to leave this document; null for none. */
  unlandedChange(secretArn: string, afterHash: string): Promise<string | null>;
  /** The secret's intents that have no outcome, oldest first: a process died, or the database was lost, in between. */
  openIntents(secretArn: string): Promise<AuditEvent[]>;
}

/** `hashes`: more than one where the outcome of the last change is unknown, so that either document may be attached. */
export type KnownPolicy = {
  /** The sequence of the secret's newest outcome that it stands on; 0 for none. */
  upTo: number;
  document: PolicyDocument | null;
  hashes: string[];
  missing: Entry[];
  droppedDenials: DroppedDenial[];
  /** Whether an intent that has no outcome yet is among what this stands on: it may tell of a document that never was. */
  open: boolean;
  /** Whether the last that is known for certain is what somebody else did, and was recorded. */
  byOthers: boolean;
};

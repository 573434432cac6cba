import type { AuditEvent, DroppedDenial, EventDraft } from '../../audit/event.ts';
import type { PolicyDocument } from '../../policy/document.ts';
import type { Entry } from '../../policy/entries/entry.ts';

/** The gate: what is not durably appended did not happen, and must not. Events of one call are one transaction. */
export interface AuditJournal {
  /** @throws DomainError audit-unavailable, also when the database does not answer within the time limit */
  append(drafts: readonly EventDraft[]): Promise<AuditEvent[]>;
  /** The policy as the last recorded change (or drift) of the secret left it; null when none is recorded. */
  lastPolicy(secretArn: string): Promise<KnownPolicy | null>;
  /** The secret's intents that have no outcome, oldest first: a process died, or the database was lost, in between. */
  openIntents(secretArn: string): Promise<AuditEvent[]>;
}

/** `hashes`: more than one where the outcome of the last change is unknown, so that either document may be attached. */
export type KnownPolicy = {
  document: PolicyDocument | null;
  hashes: string[];
  missing: Entry[];
  droppedDenials: DroppedDenial[];
};

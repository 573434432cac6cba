import type { AuditEvent } from '../../audit/event.ts';

/** What the journal has of changes that did not end as they should. Each method @throws DomainError audit-unavailable. */
export interface ChangeEvents {
  /** In the order of the chain. */
  eventsOfChange(changeId: string): Promise<AuditEvent[]>;
  /** Intents that have no outcome, the oldest 1,000, oldest first. */
  unfinishedIntents(): Promise<AuditEvent[]>;
}

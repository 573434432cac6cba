import type { AuditAction, AuditEvent, AuditOutcome, EventDraft } from '../../audit/event.ts';
import type { Page, PageRequest } from '../../page.ts';

/** Every member given must match. `secret` is a full ARN or a name (in any account and Region); times are inclusive. */
export type AuditFilter = {
  secret?: string;
  actor?: string;
  action?: AuditAction;
  outcome?: AuditOutcome;
  phase?: EventDraft['phase'];
  from?: Date;
  to?: Date;
  changeId?: string;
};

/** The journal as callers read it. Each method @throws DomainError audit-unavailable. */
export interface AuditTrail {
  /**
   * Newest first. A page may have fewer than `limit`, or none, although more come after it: its bytes and its work are bounded.
   * @param limit 1 to 1,000
   * @throws DomainError validation-failed for a cursor that is none of ours
   */
  list(filter: AuditFilter, page: PageRequest): Promise<Page<AuditEvent>>;
  /** Newest first, all of them, a batch in memory at a time. Events appended meanwhile are left out. It ends once it is `gone`. */
  stream(filter: AuditFilter, gone?: AbortSignal): AsyncIterable<AuditEvent>;
  find(id: string): Promise<AuditEvent | null>;
  /**
   * The `sequence` of the event by which each of these changes stands as it does: its last outcome, but for those of key
   * grants beside it, and of people who were not let decide on it.
   */
  lastOf(changeIds: readonly string[]): Promise<ReadonlySet<number>>;
  /** These events themselves. */
  endsOf(changeIds: readonly string[]): Promise<AuditEvent[]>;
}

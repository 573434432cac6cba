import type { AuditEventRow } from '../database/schema.ts';
import { DomainError } from '../problem.ts';
import type { SealedEvent } from './chain.ts';
import type { AuditEvent } from './event.ts';

export type EventColumns = Omit<AuditEventRow, 'hash' | 'document'>;

/** What the API filters by, taken out of the event. Verification takes it out again and compares. */
export const columnsOf = (event: AuditEvent): EventColumns => ({
  sequence: event.sequence,
  id: event.id,
  time_ms: Date.parse(event.time),
  change_id: event.changeId,
  actor: event.actor.subject,
  action: event.action,
  outcome: event.outcome,
  secret_arn: event.secret.arn,
  secret_name: event.secret.name,
});

/** @throws DomainError validation-failed for a NUL in a name, which PostgreSQL's text cannot hold (in the document it is escaped) */
export const rowOf = ({ event, document }: SealedEvent): AuditEventRow => {
  const columns = columnsOf(event);
  if (Object.values(columns).some((value) => typeof value === 'string' && value.includes('\0'))) {
    throw new DomainError('validation-failed', 'A name in the request holds a NUL character.');
  }
  return { ...columns, hash: event.hash, document };
};

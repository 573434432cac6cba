import type { AuditEvent } from './event.ts';

/** What the API filters by, taken out of the event and kept beside it. Verification takes it out again and compares. */
export type EventColumns = {
  sequence: number;
  id: string;
  /** Unix milliseconds. */
  time_ms: number;
  change_id: string;
  actor: string;
  action: string;
  outcome: string | null;
  secret_arn: string | null;
  secret_name: string;
};

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

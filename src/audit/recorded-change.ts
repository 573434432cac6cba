import type { AuditEvent } from './event.ts';
import { eventInWords, type NamesChange } from './words.ts';

/** A change as its last outcome tells it, without hashes: `eventId` leads to those. */
export type RecordedChange = Pick<
  AuditEvent,
  'changeId' | 'time' | 'actor' | 'action' | 'outcome' | 'error' | 'secret' | 'reason' | 'ticket' | 'requestId'
> & {
  eventId: string;
  /** One sentence, in words of ours, which may get better. */
  summary: string;
  /** They hold documents: only on demand. */
  request?: AuditEvent['request'];
  policy?: AuditEvent['policy'];
};

export const toRecordedChange = (event: AuditEvent, named?: NamesChange): Required<RecordedChange> => ({
  changeId: event.changeId,
  time: event.time,
  summary: eventInWords(event, named),
  actor: event.actor,
  action: event.action,
  outcome: event.outcome,
  error: event.error,
  secret: event.secret,
  reason: event.reason,
  ticket: event.ticket,
  requestId: event.requestId,
  eventId: event.id,
  request: event.request,
  policy: event.policy,
});

export const withoutDocuments = ({ request: _, policy: __, ...rest }: RecordedChange): RecordedChange => rest;

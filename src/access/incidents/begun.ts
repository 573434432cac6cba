import type { AuditEvent } from '../../audit/event.ts';
import { type IncidentAsked, type IncidentChange, isIncidentChange } from './incident.ts';

/** The beginning of an incident, or of a lift of one, as the audit log has it. `asked` is null of a lift. */
export type Begun = { action: IncidentChange; incident: string; items: number; asked: IncidentAsked | null };

/** What is recorded of it. Which secrets are frozen is told by the events of each: guardrails may hide some. */
export const onRecord = ({ freeze, ...asked }: IncidentAsked): IncidentAsked => ({
  ...asked,
  ...(freeze && { freeze: freeze.secretIds === undefined ? freeze : { secretIds: [] } }),
});

/** @returns null where these are of something else, or it was refused */
export function begunIn(events: readonly AuditEvent[]): Begun | null {
  for (const { action, outcome, secret, request } of events) {
    if (!isIncidentChange(action) || outcome !== 'applied' || secret.arn !== null) continue;
    const asked = isAsked(request['asked']) ? request['asked'] : null;
    return { action, incident: String(request['incident']), items: Number(request['items']), asked };
  }
  return null;
}

export const isAsked = (asked: unknown): asked is IncidentAsked => typeof asked === 'object' && asked !== null;

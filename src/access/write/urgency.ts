import type { AuditAction } from '../../audit/event.ts';
import { incidentActions } from '../incidents/incident.ts';
import type { ChangeCommand } from './change.ts';

/**
 * What goes first where AWS's quota makes changes wait: `incident` freezes and evicts, `urgent` is what else takes access away from
 * somebody, `waited` what else somebody waits for, `background` goes on by itself.
 */
const urgencies = ['incident', 'urgent', 'waited', 'background'] as const;
export type Urgency = (typeof urgencies)[number];

const TAKES_AWAY: readonly AuditAction[] = ['deny', 'restrict', 'revoke', 'deletePolicy'];
const OF_INCIDENTS: readonly AuditAction[] = incidentActions;

export function urgencyOf({ background, action }: Pick<ChangeCommand, 'background' | 'action'>): Urgency {
  if (background === true) return 'background';
  if (OF_INCIDENTS.includes(action)) return 'incident';
  return TAKES_AWAY.includes(action) ? 'urgent' : 'waited';
}

export const byUrgency = (one: ChangeCommand, other: ChangeCommand): number =>
  urgencies.indexOf(urgencyOf(one)) - urgencies.indexOf(urgencyOf(other));

/** Of changes that are made together. */
export const mostUrgent = (commands: readonly ChangeCommand[]): Urgency =>
  urgencies.find((urgency) => commands.some((command) => urgencyOf(command) === urgency)) ?? 'background';

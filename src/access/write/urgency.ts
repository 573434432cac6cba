import type { AuditAction } from '../../audit/event.ts';
import type { ChangeCommand } from './change.ts';

/**
 * What goes first where AWS's quota makes changes wait: `urgent` takes access away from somebody, `waited` is what else
 * somebody waits for, `background` goes on by itself.
 */
const urgencies = ['urgent', 'waited', 'background'] as const;
export type Urgency = (typeof urgencies)[number];

const TAKES_AWAY: readonly AuditAction[] = ['deny', 'restrict', 'revoke', 'deletePolicy', 'freeze', 'evict'];

export const urgencyOf = ({ background, action }: Pick<ChangeCommand, 'background' | 'action'>): Urgency =>
  background === true ? 'background' : TAKES_AWAY.includes(action) ? 'urgent' : 'waited';

export const byUrgency = (one: ChangeCommand, other: ChangeCommand): number =>
  urgencies.indexOf(urgencyOf(one)) - urgencies.indexOf(urgencyOf(other));

/** Of changes that are made together. */
export const mostUrgent = (commands: readonly ChangeCommand[]): Urgency =>
  urgencies.find((urgency) => commands.some((command) => urgencyOf(command) === urgency)) ?? 'background';

import type { AuditAction, AuditEvent } from '../../audit/event.ts';
import { DomainError } from '../../problems/problem.ts';
import { isPassing, problemCodes } from '../../problems/table.ts';
import type { ChangeEvents } from '../recover/change-events.ts';

/**
 * The event by which a change ended for good; null where it may still be made. What `failed` for a reason that passes left
 * nothing behind and may be tried again; what is `unknown` may stand, and be undone since.
 */
export type ChangeEnds = (changeId: string) => Promise<AuditEvent | null>;

export const createChangeEnds =
  ({ eventsOfChange }: Pick<ChangeEvents, 'eventsOfChange'>): ChangeEnds =>
  async (changeId) => {
    const events = await eventsOfChange(changeId);
    return events.findLast((event) => isEnd(event) && !BESIDE.includes(event.action)) ?? null;
  };

const isEnd = ({ action, outcome, error }: AuditEvent): boolean =>
  outcome !== null &&
  !(outcome === 'failed' && mayPass(error?.code)) &&
  !(action === 'reject' && outcome === 'refused');
/** Also what the service only found out later, or does not know. */
const mayPass = (code: string | undefined): boolean => {
  const known = problemCodes.find((one) => one === code);
  return known === undefined || isPassing(known);
};
/** What follows from a change elsewhere, and what came before it. */
const BESIDE: readonly AuditAction[] = ['createGrant', 'revokeGrant', 'requestApproval', 'approve'];

/** The event of the second person's word, or of nobody's in time: there is one of each approval. */
export async function decisionOn({ eventsOfChange }: Pick<ChangeEvents, 'eventsOfChange'>, approvalId: string) {
  const events = await eventsOfChange(approvalId);
  return events.find(({ action, outcome }) => DECISIONS.includes(action) && outcome === 'applied') ?? null;
}
const DECISIONS: readonly AuditAction[] = ['approve', 'reject', 'expireApproval'];

export const ranBefore = ({ outcome, time }: Pick<AuditEvent, 'outcome' | 'time'>) =>
  new DomainError('stored-command-refused', {
    why: `The audit log has it since ${time}, with the outcome ${outcome}: it is not done again.`,
  });

/** By how much the clocks of replicas may differ, in milliseconds. */
const CLOCKS_DIFFER_MS = 5 * 60_000;

/**
 * Also what may still be begun for longer than anything may was not asked for by a clock that was right: it would wait for as long as
 * that clock was ahead.
 * @param lifetimeMs of what is asked for now
 * @returns why it is not begun; null where it may be
 */
export function untimely(notAfter: string, lifetimeMs: number, now: Date): DomainError | null {
  const left = Date.parse(notAfter) - now.getTime();
  if (left >= 0 && left <= lifetimeMs + CLOCKS_DIFFER_MS) return null;
  const why =
    left > 0
      ? `It was to be done by ${notAfter}, which is later than can be asked for at ${now.toISOString()}: a clock was wrong.`
      : `It was to be done by ${notAfter}, and was not begun by then.`;
  return new DomainError('stored-command-refused', { why });
}

import type { PolicyDocument } from '../../policy/document.ts';
import { DomainError } from '../../problems/problem.ts';
import type { Change } from './change.ts';
import type { Results } from './write-changes.ts';

/** What a cycle says of its changes once it has written. */

export const UNSETTLED = { status: 'rejected', reason: new Error('A cycle left a change without a result.') } as const;

/** What stands after a batch; undefined where an answer was lost, or another replica changed it too. */
export function leftBy(
  results: readonly PromiseSettledResult<Change>[],
  before: PolicyDocument | null,
): PolicyDocument | null | undefined {
  if (results.some((result) => result.status === 'rejected' && !leavesAsItWas(result.reason))) return undefined;
  const last = results.findLast((result) => result.status === 'fulfilled');
  return last === undefined ? before : last.value.policy;
}

const leavesAsItWas = (reason: unknown): boolean =>
  reason instanceof DomainError && reason.facts.uncertain !== true && reason.code !== 'audit-unavailable';

/** The policy stands, its outcome is not on record: the intent is, and reconciliation writes the outcome later. */
export function reportUnrecorded(results: Results, cause: unknown): void {
  for (const [command, result] of results) {
    if (result.status === 'rejected') continue;
    const why =
      'The policy was changed at AWS, but the outcome could not be recorded yet. It will be once the audit log is back. ' +
      'Repeating the request is harmless.';
    results.set(command, {
      status: 'rejected',
      reason: new DomainError('audit-unavailable', { why, cause }),
    });
  }
}

/** Another replica had the lock between our look and our Put, and may have changed the policy: the next cycle, or look, tells what of it is missing. */
export function reportConflicts(results: Results, conflicts: ReadonlySet<string>): void {
  for (const command of results.keys()) {
    if (!conflicts.has(command.changeId)) continue;
    const why =
      'The lock on this secret was lost while AWS was asked to change its policy, and another replica may have changed it too. ' +
      'Read the policy before you try again.';
    results.set(command, { status: 'rejected', reason: new DomainError('audit-unavailable', { why }) });
  }
}

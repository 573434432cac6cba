import { MAX_POLICY_CHARACTERS, statementsOf } from '../../../policy/document.ts';
import { compile, type PolicyView, policyText } from '../../../policy/entries/compile.ts';
import { entriesOf } from '../../../policy/entries/edit.ts';
import { isOver } from '../../../policy/entries/entry.ts';
import { isOfIncident } from '../../../policy/incident-statement.ts';
import { statementName } from '../../../policy/statement-name.ts';
import { DomainError } from '../../../problems/problem.ts';

const SHOWN = 5;

/**
 * What denies must fit, or nothing is denied: then it is said what may go first.
 * @throws DomainError policy-too-large
 */
export function assertRoomToDeny(before: PolicyView, after: PolicyView, now: Date): void {
  const size = sizeOf(after);
  if (size <= MAX_POLICY_CHARACTERS) return;
  const sizes = { limit: MAX_POLICY_CHARACTERS, size, used: sizeOf(before) };
  throw new DomainError('policy-too-large', { ...sizes, takeOut: takeOut(before, now) });
}

const sizeOf = (view: PolicyView): number => {
  const document = compile(view);
  return document === null ? 0 : policyText(document).length;
};

/** What nobody misses first, then what is largest. */
function takeOut(view: PolicyView, now: Date): string[] {
  const over = entriesOf(view)
    .filter((entry) => isOver(entry, now))
    .map(({ kind, id, orphaned }) => `the ${kind} ${id} (${orphaned ? 'its principal was deleted' : 'expired'})`);
  const large = statementsOf(compile(view))
    .filter((statement) => !isOfIncident(statement))
    .map((statement) => ({ name: statementName(statement), size: JSON.stringify(statement).length }))
    .sort((one, other) => other.size - one.size)
    .map(({ name, size }) => `something of ${name} (${size} characters)`);
  return [...over, ...large].slice(0, SHOWN);
}

import { policyHash } from '../../policy/canonical.ts';
import type { IndexedSecret } from '../estate-index.ts';
import type { Hint } from './hint.ts';

/**
 * AWS's reads are eventually consistent and no page says for how long they may show what was before: that the changes of a
 * minute ago are seen is assumed. A look within it is made once more after it, unless it shows them.
 */
const SEEN_AFTER_MS = 60_000;

export const newestFirst = (one: Hint, other: Hint): number => timeOf(other) - timeOf(one);

/** Whether AWS may still show what was before these. */
export const mayBeUnseen = (hints: readonly Hint[], now: Date): boolean =>
  hints.some((hint) => now.getTime() - timeOf(hint) < SEEN_AFTER_MS);

/** Whether a secret is as it is after what these say: where they do not say how that is, whether it is as it was before. */
export function shows(before: IndexedSecret | null, after: IndexedSecret | null, hints: readonly Hint[]): boolean {
  if (after === null && hints.every(({ event }) => event.eventName === 'DeleteSecret')) return true;
  const [newest] = hints.filter(({ put }) => put !== undefined).toSorted(newestFirst);
  if (newest?.put === undefined) return factsOf(before) !== factsOf(after);
  return after !== null && policyHash(after.policy) === policyHash(newest.put);
}

const timeOf = ({ event }: Hint): number => Date.parse(event.eventTime);

const factsOf = (seen: IndexedSecret | null): string => JSON.stringify([seen?.secret, seen?.policy]);

import { isDeepStrictEqual } from 'node:util';
import { policyHash } from '../../policy/canonical.ts';
import type { IndexedSecret } from '../estate-index.ts';
import type { KeyChange, KeyFacts } from '../survey/seen-keys.ts';
import type { Hint } from './hint.ts';
import type { KeyThen } from './key-then.ts';

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

/** The same of a key. Of what several say on one thing the newest holds: all of them, where they are of one second. */
export function showsKey({ before, after }: Omit<KeyChange, 'name'>, hints: readonly Hint[]): boolean {
  const isAsBefore = isDeepStrictEqual(before, after);
  const sayings = Map.groupBy(hints, ({ keyThen }) => keyThen && subjectOf(keyThen));
  return sayings.values().every((some) => {
    const newest = Math.max(...some.map(timeOf));
    return some
      .filter((hint) => timeOf(hint) === newest)
      .every(({ keyThen }) => (keyThen === undefined ? !isAsBefore : isSo(keyThen, after)));
  });
}

const subjectOf = (then: KeyThen): string => ('grantId' in then ? then.grantId : (Object.keys(then)[0] ?? ''));

function isSo(then: KeyThen, { key, policy, grants }: KeyFacts = {}): boolean {
  if ('policy' in then) return policy !== undefined && policyHash(policy) === policyHash(then.policy);
  if ('enabled' in then) return key?.enabled === then.enabled;
  if ('target' in then)
    return then.target === null ? key === undefined : [key?.arn, key?.arn.split(':key/')[1]].includes(then.target);
  // Of a key whose grants are not kept none is seen later, either.
  if (grants === undefined) return key !== undefined;
  return grants.some(({ grantId }) => grantId === then.grantId) === then.isThere;
}

const timeOf = ({ event }: Hint): number => Date.parse(event.eventTime);

const factsOf = (seen: IndexedSecret | null): string => JSON.stringify([seen?.secret, seen?.policy]);

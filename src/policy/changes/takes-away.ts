import { canonicalStatement } from '../canonical.ts';
import { type PolicyDocument, type Statement, statementsOf } from '../document.ts';

/**
 * Whether a change surely gives nobody anything: each Allow that it leaves stood there before, for as many or more, and each
 * Deny that stood there is left, for as many or more. False where that can't be seen at once.
 */
export function takesAway(before: PolicyDocument | null, after: PolicyDocument | null): boolean {
  if (before === null || (after !== null && after.Version !== before.Version)) return false;
  const [old, left] = [statementsOf(before), statementsOf(after)];
  const isCoveredBy = (others: readonly Statement[]) => (one: Statement) => others.some((other) => covers(other, one));
  return left.filter(isAllow).every(isCoveredBy(old)) && old.filter((one) => !isAllow(one)).every(isCoveredBy(left));
}

const isAllow = ({ Effect }: Statement): boolean => Effect === 'Allow';

type Canonical = { Sid?: string; Action?: string[]; Principal?: Record<string, string[]> } & Record<string, unknown>;

/** Whether a statement says the same as another, for all of its principals and actions at least. */
function covers(wide: Statement, narrow: Statement): boolean {
  const [one, other]: Canonical[] = [wide, narrow].map((statement) => JSON.parse(canonicalStatement(statement)));
  if (one === undefined || other === undefined) return false;
  const isWithin = (some: readonly string[] = [], all: readonly string[] = []) =>
    some.length > 0 === all.length > 0 && some.every((text) => all.includes(text));
  const { Principal: named = {}, Action: done, Sid: _, ...rest } = one;
  const { Principal: names = {}, Action: does, Sid: __, ...same } = other;
  const types = Object.keys(names);
  return (
    JSON.stringify(rest) === JSON.stringify(same) &&
    isWithin(does, done) &&
    types.length > 0 === Object.keys(named).length > 0 &&
    types.every((type) => isWithin(names[type], named[type]))
  );
}

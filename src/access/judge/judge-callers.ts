import { type Budget, type InTurns, isSpent } from '../../policy/evaluate/budget.ts';
import type { Decision, Evaluation, StatementVerdict } from '../../policy/evaluate/evaluation.ts';
import type { Reader } from './reader.ts';
import { type Apart, byItself, membersOf, without } from './told-apart.ts';

/** Somebody of a set about whom the policies say something else than about the rest. */
export type Exception = { principal: string; decision: Decision; because: readonly StatementVerdict[] };

/** What is said of a set of callers, less the exceptions: that is `left`. */
export type Verdict = Evaluation & { left: Reader; exceptions: Exception[] };

/**
 * Judges a set of callers. Where that is `unknown` because policies tell some of them apart, the rest is judged without
 * those, and they are exceptions; but a set of which the rest surely may not stays `unknown`, since some may. So does one
 * whose members are more than the budget does for.
 * @param ask what policies say of one set, within the budget
 */
export function* judgeCallers(
  reader: Reader,
  { apart, partition, budget }: { apart: Apart; partition: string; budget: Budget },
  ask: (reader: Reader) => InTurns<Evaluation>,
): InTurns<Verdict> {
  const whole = { ...(yield* ask(reader)), left: reader, exceptions: [] };
  const members = whole.decision === 'unknown' ? membersOf(reader, apart, partition) : [];
  if (members.length === 0) return whole;
  const ofRest = yield* ask(without(reader, members));
  if (ofRest.decision === 'explicitlyDenied' || ofRest.decision === 'implicitlyDenied') return whole;
  const judged: { member: Reader; found: Evaluation }[] = [];
  for (const member of members) {
    if (isSpent(budget)) return whole;
    judged.push({ member, found: yield* ask(without(member, membersOf(member, apart, partition))) });
  }
  // What the rest hangs on, they may not.
  const hangsOnOther = (found: Evaluation) => found.decision === 'unknown' && !isAlike(found, ofRest);
  if (ofRest.decision === 'unknown' && judged.some(({ found }) => hangsOnOther(found))) return whole;
  const excepted: Reader[] = [];
  const exceptions: Exception[] = [];
  for (const { member, found } of judged) {
    const mayToo = ofRest.decision === 'unknown' && found.decision === 'allowed';
    if (found.decision === ofRest.decision || mayToo) continue;
    if (isSpent(budget)) return whole;
    // Of whom it is told as a whole, and by itself: those within it may be no exceptions, and it may not be of the set.
    const { decision, because } = yield* ask(byItself(member, reader));
    excepted.push(member);
    exceptions.push({ principal: member.name, decision, because });
  }
  return { ...ofRest, left: without(reader, excepted), exceptions };
}

const isAlike = (one: Evaluation, other: Evaluation): boolean =>
  one.because.length === other.because.length &&
  one.because.every(({ statement }) => other.because.some((verdict) => verdict.statement === statement));

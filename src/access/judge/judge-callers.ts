import type { Decision, Evaluation, StatementVerdict } from '../../policy/evaluate/evaluation.ts';
import type { Reader } from './reader.ts';
import { type Apart, byItself, membersOf, without } from './told-apart.ts';

/** Somebody of a set about whom the policies say something else than about the rest. */
export type Exception = { principal: string; decision: Decision; because: readonly StatementVerdict[] };

/** What is said of a set of callers, less the exceptions: that is `left`. */
export type Verdict = Evaluation & { left: Reader; exceptions: Exception[] };

/**
 * Judges a set of callers. Where that is `unknown` because policies tell some of them apart, the rest is judged without
 * those, and they are exceptions; but a set of which the rest surely may not stays `unknown`, since some may.
 * @param ask what policies say of one set
 */
export function judgeCallers(
  reader: Reader,
  { apart, partition }: { apart: Apart; partition: string },
  ask: (reader: Reader) => Evaluation,
): Verdict {
  const whole = { ...ask(reader), left: reader, exceptions: [] };
  const members = whole.decision === 'unknown' ? membersOf(reader, apart, partition) : [];
  if (members.length === 0) return whole;
  const ofRest = ask(without(reader, members));
  if (ofRest.decision === 'explicitlyDenied' || ofRest.decision === 'implicitlyDenied') return whole;
  const judged = members.map((member) => ({
    member,
    found: ask(without(member, membersOf(member, apart, partition))),
  }));
  // What the rest hangs on, they may not.
  const hangsOnOther = (found: Evaluation) => found.decision === 'unknown' && !isAlike(found, ofRest);
  if (ofRest.decision === 'unknown' && judged.some(({ found }) => hangsOnOther(found))) return whole;
  const excepted = judged.flatMap(({ member, found: { decision } }) => {
    const mayToo = ofRest.decision === 'unknown' && decision === 'allowed';
    // Of whom it is told as a whole, and by itself: those within it may be no exceptions, and it may not be of the set.
    return decision === ofRest.decision || mayToo ? [] : [{ member, said: ask(byItself(member, reader)) }];
  });
  const exceptions = excepted.map(({ member, said }) => ({
    principal: member.name,
    decision: said.decision,
    because: said.because,
  }));
  const left = without(
    reader,
    excepted.map(({ member }) => member),
  );
  return { ...ofRest, left, exceptions };
}

const isAlike = (one: Evaluation, other: Evaluation): boolean =>
  one.because.length === other.because.length &&
  one.because.every(({ statement }) => other.because.some((verdict) => verdict.statement === statement));

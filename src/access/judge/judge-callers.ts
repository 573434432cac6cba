import type { Decision, Evaluation, StatementVerdict } from '../../policy/evaluate/evaluation.ts';
import type { Reader } from './reader.ts';
import { type Apart, membersOf, without } from './told-apart.ts';

/** Somebody of a set about whom the policies say something else than about the rest. */
export type Exception = { principal: string; decision: Decision; because: readonly StatementVerdict[] };

/** What is said of a set of callers, less the exceptions. `of` is that set. */
export type Verdict = Evaluation & { of: Reader; exceptions: Exception[] };

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
  const whole = ask(reader);
  const members = whole.decision === 'unknown' ? membersOf(reader, apart, partition) : [];
  if (members.length === 0) return { ...whole, of: reader, exceptions: [] };
  const rest = without(reader, members);
  const ofRest = ask(rest);
  if (ofRest.decision === 'explicitlyDenied' || ofRest.decision === 'implicitlyDenied') {
    return { ...whole, of: reader, exceptions: [] };
  }
  const exceptions = members.flatMap((member) => {
    const { decision, because } = ask(without(member, membersOf(member, apart, partition)));
    const mayToo = ofRest.decision === 'unknown' && decision === 'allowed';
    return decision === ofRest.decision || mayToo ? [] : [{ principal: member.name, decision, because }];
  });
  return { ...ofRest, of: rest, exceptions };
}

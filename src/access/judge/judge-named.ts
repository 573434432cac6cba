import { GET_SECRET_VALUE } from '../../policy/actions.ts';
import { type InTurns, partInTurns } from '../../policy/evaluate/budget.ts';
import type { Decision } from '../../policy/evaluate/evaluation.ts';
import { judgeCallers, type Verdict } from './judge-callers.ts';
import { judgePolicy } from './judge-policy.ts';
import type { Situation } from './judge-secret.ts';
import { judgedCall } from './judged-call.ts';
import { type Reader, readerOf, withPath } from './reader.ts';
import type { Survey } from './survey.ts';

/** What a policy says of somebody whom it names. */
export type NamedVerdict = {
  reader: Reader;
  situation: Situation;
  judged: Verdict;
  decision: Decision;
  isGone: boolean;
};

/** Whether somebody whom a policy names may read the value. `isGone`: it was deleted, so that nobody reads by it. */
export function* judgeNamed({ secret, policy, now, apart, budget }: Survey, name: string): InTurns<NamedVerdict> {
  const { partition } = secret;
  const reader = withPath(readerOf(name, partition), [policy]);
  const situation = { secret, policy, apart, now, given: {}, budget };
  const ask = (of: Reader) =>
    partInTurns(budget, (part) => {
      const call = { ...situation, action: GET_SECRET_VALUE, policies: [policy], reader: of, budget: part };
      return judgePolicy(judgedCall(call), policy);
    });
  const judged = yield* judgeCallers(reader, { apart, partition, budget }, ask);
  const isGone = reader.kind === 'deleted' && (judged.decision === 'allowed' || judged.decision === 'unknown');
  return { reader, situation, judged, decision: isGone ? 'unknown' : judged.decision, isGone };
}

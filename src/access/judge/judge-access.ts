import type { PolicyDocument } from '../../policy/document.ts';
import { type Budget, type InTurns, partInTurns } from '../../policy/evaluate/budget.ts';
import { evaluateAccess } from '../../policy/evaluate/evaluate.ts';
import type { Secret } from '../secret.ts';
import { judgeCallers, type Verdict } from './judge-callers.ts';
import { judgePolicy } from './judge-policy.ts';
import { asked, partsOf, type SecretVerdict } from './judge-secret.ts';
import { type GivenContext, judgedCall } from './judged-call.ts';
import { type Reader, withPath } from './reader.ts';
import { focusOf, toldApart } from './told-apart.ts';

/** A secret and what is attached to it. */
export type Attached = { secret: Secret; policy: PolicyDocument | null; now: Date };

/** Who wants to do what; `given`: its identity policies, where they are known. */
type AccessAsked = { named: Reader; action: string; context: GivenContext; given?: PolicyDocument[] };

/** `verdict`: the same in every Region, for the legs. */
export type AccessJudged = { reader: Reader; evaluation: Verdict; verdict: SecretVerdict };

/** What a policy says of one principal, or of a set of them, and one action. */
export function* judgeAccess(
  { secret, policy, now }: Attached,
  { named, action, context, given }: AccessAsked,
  budget: Budget,
): InTurns<AccessJudged> {
  const { partition } = secret;
  const policies = [policy, ...(given ?? [])];
  const reader = withContext(withPath(named, policies), context);
  const situation = {
    ...{ secret, policy, now, given: context, budget },
    apart: toldApart(policies, partition, focusOf(reader)),
  };
  const ask = (of: Reader) =>
    partInTurns(budget, (part) => {
      const request = judgedCall({ ...situation, action: asked(action), reader: of, policies, budget: part });
      return given === undefined
        ? judgePolicy(request, policy)
        : evaluateAccess({ request, resourcePolicy: policy, identityPolicies: given });
    });
  const evaluation = yield* judgeCallers(reader, { apart: situation.apart, partition, budget }, ask);
  const parts = yield* partsOf(situation, evaluation.left, [action]);
  return { reader, evaluation, verdict: { ...evaluation, parts } };
}

/** What is told of the caller itself counts for the key too. */
function withContext(reader: Reader, given: GivenContext): Reader {
  const own = Object.entries(given).filter(([key]) => /^aws:Principal/i.test(key));
  const arn = own.find(([key]) => key.toLowerCase() === PRINCIPAL_ARN)?.[1];
  return {
    ...reader,
    ...(typeof arn === 'string' && { caller: { ...reader.caller, arn, anyPath: false } }),
    context: { ...reader.context, ...Object.fromEntries(own) },
  };
}

export const PRINCIPAL_ARN = 'aws:principalarn';

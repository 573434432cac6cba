import { BATCH_GET, GET_SECRET_VALUE } from '../../policy/actions.ts';
import type { PolicyDocument } from '../../policy/document.ts';
import { type Budget, type InTurns, partInTurns } from '../../policy/evaluate/budget.ts';
import { allowsByItself, allowsByName } from '../../policy/evaluate/evaluate.ts';
import type { Decision, Evaluation, JudgedCall } from '../../policy/evaluate/evaluation.ts';
import type { Truth } from '../../policy/evaluate/truth.ts';
import { onReplicas } from '../../policy/key-use.ts';
import { placesOf, type Secret } from '../secret.ts';
import { type Exception, judgeCallers } from './judge-callers.ts';
import { judgePolicy } from './judge-policy.ts';
import { type GivenContext, judgedCall } from './judged-call.ts';
import type { Reader } from './reader.ts';
import type { Apart } from './told-apart.ts';

/** What the policy is asked about, whoever asks: a secret as it is now, or with the policy that it will have. */
export type Situation = {
  secret: Secret;
  policy: PolicyDocument | null;
  apart: Apart;
  now: Date;
  given: GivenContext;
  budget: Budget;
};

/** What the secret's policy says of one action, where the secret is in one Region. */
export type SecretPart = {
  region: string;
  action: string;
  request: JudgedCall;
  evaluation: Evaluation;
  /** Whether it allows it without identity policies: to callers of the secret's own account only. */
  byItself: Truth;
  /** Whether it does so by naming the user or session: then no permissions boundary has to allow it. */
  byName: Truth;
};

/** The same of several actions, in every Region that has the secret; `left`: judge-callers.ts. */
export type SecretVerdict = { left: Reader; parts: SecretPart[]; exceptions: Exception[] };

/** What AWS asks a secret's policy for an action. */
export const asked = (action: string): string => (action === BATCH_GET ? GET_SECRET_VALUE : action);

/** The same of a set of callers, or of what is left of it without the exceptions. */
export function* judgeSecret(situation: Situation, reader: Reader, actions: readonly string[]): InTurns<SecretVerdict> {
  const split = { apart: situation.apart, partition: situation.secret.partition, budget: situation.budget };
  const whole = yield* partsOf(situation, reader, actions);
  const { left, exceptions } = yield* judgeCallers(reader, split, function* (of) {
    const parts = of === reader ? whole : yield* partsOf(situation, of, actions);
    return worstOf(parts.map(({ evaluation }) => evaluation));
  });
  return { left, parts: left === reader ? whole : yield* partsOf(situation, left, actions), exceptions };
}

/** What it says of all of a set alike. */
export function* partsOf(situation: Situation, reader: Reader, actions: readonly string[]): InTurns<SecretPart[]> {
  const { secret, policy, now, given, budget } = situation;
  const parts: SecretPart[] = [];
  for (const { arn, region, replica } of placesOf(secret)) {
    const here = { ...secret, arn, region, primaryRegion: secret.primaryRegion ?? secret.region };
    const place = replica === null ? secret : here;
    const done = replica === null ? actions : onReplicas(actions);
    for (const action of new Set(done.map(asked))) {
      const request = judgedCall({ secret: place, reader, action, now, policies: [policy], given, budget });
      const within = <Result>(judge: (call: JudgedCall) => Result) =>
        partInTurns(budget, (part) => judge({ ...request, budget: part }));
      const evaluation = yield* within((call) => judgePolicy(call, policy));
      const byItself = yield* within((call) => allowsByItself(policy, call));
      const byName = byItself === 'yes' ? yield* within((call) => allowsByName(policy, call)) : 'no';
      parts.push({ region, action, request, evaluation, byItself, byName });
    }
  }
  return parts;
}

const ORDER: readonly Decision[] = ['explicitlyDenied', 'implicitlyDenied', 'unknown', 'allowed'];

/** What holds for all of some actions together. */
function worstOf(evaluations: readonly Evaluation[]): Evaluation {
  const decision = ORDER.find((one) => evaluations.some((evaluation) => evaluation.decision === one)) ?? 'allowed';
  const decisive = evaluations.filter((evaluation) => evaluation.decision === decision);
  return {
    decision,
    because: [...new Set(decisive.flatMap(({ because }) => because))],
    needsIdentityPolicy: evaluations.some(({ needsIdentityPolicy }) => needsIdentityPolicy),
  };
}

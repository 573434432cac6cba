import { concreteActions } from '../../../policy/actions.ts';
import { type PolicyDocument, type Statement, statementsOf } from '../../../policy/document.ts';
import { type InTurns, newBudget, STEPS_IN_TURNS } from '../../../policy/evaluate/budget.ts';
import type { ContextValue } from '../../../policy/evaluate/evaluation.ts';
import { needsKey } from '../../../policy/key-use.ts';
import type { Identity } from '../../identity.ts';
import type { Secret } from '../../secret.ts';
import type { Warning } from '../../write/change.ts';
import { deniedByWarnings } from '../denied/denied-by.ts';
import { judgeSecret, partsOf, type SecretPart, type SecretVerdict, type Situation } from '../judge-secret.ts';
import { propagationWarnings } from '../key/key-warnings.ts';
import type { Leg } from '../legs/leg.ts';
import { type LegExaminer, NOT_LOOKED_AT } from '../legs/legs.ts';
import { ofItsCalls } from '../legs/secret-leg.ts';
import { type Reader, readerOf, withPath } from '../reader.ts';
import { focusOf, membersOf, toldApart, without } from '../told-apart.ts';
import { judgeInTurns } from '../turns.ts';
import { assuming } from './assume.ts';

/** A share as its request says it: with whom, what for, and the statements that it would be alone. */
export type AskedShare = { name: string; actions: readonly string[]; statements: readonly Statement[] };

/**
 * What a share comes to under a policy: its legs, for the calls that meet the share's own conditions, and what stands
 * against it.
 * @param policy as it is after the share
 * @param deps.identity who is told, and in whose turn it is judged
 * @param deps.isOneOfMany then the reader's own side is not looked at
 * @param deps.isRecorded its intent is in the audit log
 */
export async function judgeShare(
  secret: Secret,
  policy: PolicyDocument | null,
  { name, actions, statements }: AskedShare,
  deps: { now: Date; legs: LegExaminer; identity: Identity; isOneOfMany?: boolean; isRecorded?: boolean },
): Promise<{ legs: Leg[]; warnings: Warning[] }> {
  const { now, legs: examiner, identity, isOneOfMany = false, isRecorded = false } = deps;
  const budget = newBudget(STEPS_IN_TURNS);
  const given = assuming(statements, secret.tags);
  const shared = withPath(readerOf(name, secret.partition), [policy]);
  const reader = { ...shared, context: { ...shared.context, ...ofCaller(given) } };
  const apart = toldApart([policy], secret.partition, focusOf(reader));
  const situation = { secret, policy, now, given, apart, budget };
  const concrete = concreteActions(actions);
  const looks = Promise.all([
    examiner.lookAt(secret, actions, { isRecorded }),
    isOneOfMany && examiner.looksAtReaders ? NOT_LOOKED_AT : examiner.sideOf(shared, identity),
  ]);
  const judged = judgeInTurns(
    identity,
    function* () {
      const verdict = yield* judgeSecret(situation, reader, concrete);
      const rest = { ...situation, policy: forOtherCalls(secret, policy, given), given: {} };
      const others = verdict.parts.some(isRefused) ? yield* partsOf(rest, shared, concrete) : [];
      return { verdict, others, left: yield* withMayUseKey(situation, reader, verdict, concrete) };
    },
    budget,
  );
  const [[legsOf, side], { verdict, others, left }] = await Promise.all([looks, judged]);
  const legs = await judgeInTurns(
    identity,
    function* () {
      const ofAll = left === verdict.left ? undefined : yield* legsOf({ ...verdict, left }, side, budget);
      const ofLeft = yield* legsOf(verdict, side, budget);
      return ofLeft.map((leg, index) => (isKeyMissing(leg) ? (ofAll?.[index] ?? leg) : leg));
    },
    budget,
  );
  const [statement] = statements;
  return {
    legs: legs.map((leg) =>
      leg.leg === 'secretPolicy'
        ? { ...missingForAll(doneForAll(leg, verdict), verdict, others), ...(statement && { statement }) }
        : leg,
    ),
    warnings: [
      ...deniedByWarnings(secret, policy, verdict, Object.keys(given).length > 0),
      ...propagationWarnings(legs),
    ],
  };
}

const isKeyMissing = ({ leg, status }: Leg): boolean => leg === 'keyPolicy' && status === 'missing';

/** What is left with those exceptions whom the secret's policy may let use the key all the same: who lacks one action has others. */
function* withMayUseKey(
  situation: Situation,
  reader: Reader,
  { left, exceptions }: SecretVerdict,
  actions: readonly string[],
): InTurns<Reader> {
  const takingKey = actions.filter((action) => needsKey([action]));
  const excepted = membersOf(reader, situation.apart, situation.secret.partition).filter(({ name }) =>
    exceptions.some(({ principal }) => principal === name),
  );
  const refused: Reader[] = [];
  for (const member of excepted) {
    if ((yield* partsOf(situation, member, takingKey)).every(isRefused)) refused.push(member);
  }
  return refused.length === excepted.length ? left : without(reader, refused);
}

const isRefused = ({ evaluation: { decision } }: SecretPart): boolean =>
  decision === 'explicitlyDenied' || decision === 'implicitlyDenied';

/** Of a share nothing but the legs says for whom it is so. */
const doneForAll = (leg: Leg, { exceptions }: SecretVerdict): Leg =>
  (leg.status === 'done' || leg.status === 'notNeeded') && exceptions.length > 0 ? { ...leg, status: 'unknown' } : leg;

/** What refuses the calls that a share is for may leave others to other statements: then it is not known to be missing. */
function missingForAll(leg: Leg, { parts }: SecretVerdict, others: readonly SecretPart[]): Leg {
  if (leg.status !== 'missing') return leg;
  const isLost = parts.some(
    (part) =>
      isRefused(part) &&
      others.some((other) => other.region === part.region && other.action === part.action && isRefused(other)),
  );
  return isLost ? leg : { ...leg, status: 'unknown', detail: ofItsCalls(leg.detail) };
}

/** The policy for calls that do not meet the conditions: without what allows only those that do. */
function forOtherCalls(
  { tags }: Secret,
  policy: PolicyDocument | null,
  given: Record<string, ContextValue>,
): PolicyDocument | null {
  const conditions = Object.entries(given);
  const isForThem = (statement: Statement): boolean => {
    const asked = assuming([statement], tags);
    return conditions.every(([key, value]) => JSON.stringify(asked[key]) === JSON.stringify(value));
  };
  if (policy === null || conditions.length === 0) return policy;
  return {
    ...policy,
    Statement: statementsOf(policy).filter((statement) => statement.Effect === 'Deny' || !isForThem(statement)),
  };
}

/** What is assumed of the caller counts for the key too. */
const ofCaller = (given: Record<string, ContextValue>) =>
  Object.fromEntries(Object.entries(given).filter(([key]) => /^aws:Principal/i.test(key)));

import { concreteActions } from '../../policy/actions.ts';
import type { PolicyDocument, Statement } from '../../policy/document.ts';
import { newBudget } from '../../policy/evaluate/budget.ts';
import type { ContextValue } from '../../policy/evaluate/evaluation.ts';
import type { Secret } from '../secret.ts';
import type { Warning } from '../write/change.ts';
import { assuming } from './assume.ts';
import { deniedByWarnings } from './denied-by.ts';
import { judgeSecret, type SecretVerdict } from './judge-secret.ts';
import { propagationWarnings } from './key/key-warnings.ts';
import type { Leg } from './legs/leg.ts';
import type { LegExaminer } from './legs/legs.ts';
import { readerOf, withPath } from './reader.ts';
import { focusOf, toldApart } from './told-apart.ts';

/** A share as its request says it: with whom, what for, and the statements that it would be alone. */
export type AskedShare = { name: string; actions: readonly string[]; statements: readonly Statement[] };

/**
 * What a share comes to under a policy: its legs, for the calls that meet the share's own conditions, and what stands
 * against it.
 * @param policy as it is after the share
 */
export async function judgeShare(
  secret: Secret,
  policy: PolicyDocument | null,
  { name, actions, statements }: AskedShare,
  { now, legs: examiner }: { now: Date; legs: LegExaminer },
): Promise<{ legs: Leg[]; warnings: Warning[] }> {
  const given = assuming(statements);
  const shared = withPath(readerOf(name, secret.partition), [policy]);
  const reader = { ...shared, context: { ...shared.context, ...ofCaller(given) } };
  const apart = toldApart([policy], secret.partition, focusOf(reader));
  const verdict = judgeSecret(
    { secret, policy, now, given, apart, budget: newBudget() },
    reader,
    concreteActions(actions),
  );
  const legs = (await examiner.lookAt(secret, actions))(verdict, 'unknown');
  const [statement] = statements;
  return {
    legs: legs.map((leg) =>
      leg.leg === 'secretPolicy' ? { ...leg, ...doneForAll(leg, verdict), ...(statement && { statement }) } : leg,
    ),
    warnings: [...deniedByWarnings(secret, policy, verdict), ...propagationWarnings(legs)],
  };
}

/** Of a share nothing but the legs says for whom it is so. */
const doneForAll = ({ status }: Leg, { exceptions }: SecretVerdict): Pick<Leg, 'status'> => ({
  status: status === 'done' && exceptions.length > 0 ? 'unknown' : status,
});

/** What is assumed of the caller counts for the key too. */
const ofCaller = (given: Record<string, ContextValue>) =>
  Object.fromEntries(Object.entries(given).filter(([key]) => /^aws:Principal/i.test(key)));

import { escalatingActions, secretActions } from '../../../policy/actions.ts';
import type { PolicyDocument } from '../../../policy/document.ts';
import { isSpent, newBudget } from '../../../policy/evaluate/budget.ts';
import type { JudgedCall } from '../../../policy/evaluate/evaluation.ts';
import { arnsOf, type Secret } from '../../secret.ts';
import { judgePolicy } from '../judge-policy.ts';
import { type Reader, withPath } from '../reader.ts';
import { classesOf, toldApart } from '../told-apart.ts';
import { likenesses } from './alike.ts';
import { EFFECT_STEPS } from './effect.ts';

/** Those by name with which somebody gives itself every other. */
const ESCALATING = escalatingActions(secretActions).filter((action) => action !== 'secretsmanager:*');

/**
 * Whether a policy lets, or may let, somebody change it: whom it speaks of is asked, one after the other, however the
 * actions are written. The secret's own account is left out as far as it decides by its identity policies.
 * @param secret undefined where it is not known yet which one it is: then any
 */
export function letsEscalate(policy: PolicyDocument | null, secret?: Secret): boolean {
  if (policy === null) return false;
  const partition = secret?.partition ?? 'aws';
  const budget = newBudget(EFFECT_STEPS);
  const resources = secret === undefined ? [ANY_SECRET] : arnsOf(secret);
  const mayOn = (resource: JudgedCall['resource'], { caller, context }: Reader, action: string): boolean => {
    if (isSpent(budget)) return true;
    const request: JudgedCall = {
      ...{ caller, action, context, budget, resource },
      resourceAccount: secret?.account ?? 'not known',
      contextIs: 'partial',
    };
    const { decision, because } = judgePolicy(request, policy);
    if (decision === 'allowed') return true;
    const isOwn = caller.account === secret?.account;
    return decision === 'unknown' && !isOwn && because.some(({ effect }) => effect === 'Allow');
  };
  const likenessOf = likenesses([policy], secret?.account ?? '', budget);
  const classes = classesOf(toldApart([policy], partition), partition).map((reader) => withPath(reader, [policy]));
  const unlike = [...Map.groupBy(classes, likenessOf).values()].flatMap(([reader]) => reader ?? []);
  return unlike.some((reader) =>
    ESCALATING.some((action) => resources.some((resource) => mayOn(resource, reader, action))),
  );
}

const ANY_SECRET = { globs: ['arn:*:secretsmanager:*:*:secret:*'] };

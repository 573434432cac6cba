import { escalatingActions, secretActions } from '../../../policy/actions.ts';
import type { PolicyDocument } from '../../../policy/document.ts';
import { type Budget, type InTurns, isDue, isSpent, withinPart } from '../../../policy/evaluate/budget.ts';
import type { JudgedCall } from '../../../policy/evaluate/evaluation.ts';
import { arnsOf, type Secret } from '../../secret.ts';
import { judgePolicy } from '../judge-policy.ts';
import { type Reader, withPath } from '../reader.ts';
import { classesOf, toldApart } from '../told-apart.ts';
import { likenesses } from './alike.ts';

/** Those by name with which somebody gives itself every other. */
const ESCALATING = escalatingActions(secretActions).filter((action) => action !== 'secretsmanager:*');

/**
 * Whether a policy lets, or may let, somebody change it: whom it speaks of is asked, one after the other, however the
 * actions are written. The secret's own account is left out as far as it decides by its identity policies.
 * @param secret undefined where it is not known yet which one it is: then any
 */
export function* letsEscalate(policy: PolicyDocument | null, budget: Budget, secret?: Secret): InTurns<boolean> {
  if (policy === null) return false;
  const partition = secret?.partition ?? 'aws';
  const resources = secret === undefined ? [ANY_SECRET] : arnsOf(secret);
  const mayOn = (resource: JudgedCall['resource'], { caller, context }: Reader, action: string): boolean => {
    if (isSpent(budget)) return true;
    const request: JudgedCall = {
      ...{ caller, action, context, resource },
      resourceAccount: secret?.account ?? 'not known',
      contextIs: 'partial',
    };
    const { decision, because } = withinPart(budget, (part) => judgePolicy({ ...request, budget: part }, policy));
    if (decision === 'allowed') return true;
    const isOwn = caller.account === secret?.account;
    return decision === 'unknown' && !isOwn && because.some(({ effect }) => effect === 'Allow');
  };
  const likenessOf = likenesses([policy], secret?.account ?? '', budget);
  const seen = new Set<string>();
  for (const some of classesOf(toldApart([policy], partition), partition)) {
    const reader = withPath(some, [policy]);
    const likeness = likenessOf(reader);
    if (seen.has(likeness)) continue;
    seen.add(likeness);
    for (const action of ESCALATING) {
      if (resources.some((resource) => mayOn(resource, reader, action))) return true;
      if (isDue(budget)) yield;
    }
  }
  return false;
}

const ANY_SECRET = { globs: ['arn:*:secretsmanager:*:*:secret:*'] };

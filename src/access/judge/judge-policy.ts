import type { PolicyDocument } from '../../policy/document.ts';
import { evaluateAccess } from '../../policy/evaluate/evaluate.ts';
import type { Evaluation, JudgedCall } from '../../policy/evaluate/evaluation.ts';

/**
 * What the policy of a secret or key says by itself, when nobody knows the caller's identity policies. Across accounts
 * they are taken to allow, since that is a leg of its own; in one account, where they alone may be enough, a policy that
 * does not name the caller leaves the answer `unknown`. `needsIdentityPolicy` is true wherever they have a say.
 * Source: IAM User Guide, "Cross-account policy evaluation logic".
 */
export function judgePolicy(request: JudgedCall, policy: PolicyDocument | null): Evaluation {
  const ask = (identityPolicies: readonly PolicyDocument[]): Evaluation => {
    const evaluation = evaluateAccess({ request, resourcePolicy: policy, identityPolicies });
    return { ...evaluation, because: evaluation.because.filter(({ source }) => source === 'resourcePolicy') };
  };
  const { type, account } = request.caller;
  if (type === 'service' || type === 'anonymous') return ask([]);
  const supported = ask([EVERYTHING]);
  const isOpen = supported.decision === 'allowed' || supported.decision === 'unknown';
  if (account !== request.resourceAccount) return { ...supported, needsIdentityPolicy: isOpen };
  const alone = ask([]);
  if (alone.decision !== 'implicitlyDenied') return { ...alone, needsIdentityPolicy: alone.decision === 'unknown' };
  return isOpen ? { ...supported, decision: 'unknown', needsIdentityPolicy: true } : alone;
}

/** Allows whatever a policy leaves to identity policies. */
export const EVERYTHING: PolicyDocument = { Statement: { Effect: 'Allow', Action: '*', Resource: '*' } };

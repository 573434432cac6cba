import { samePolicy } from '../../policy/canonical.ts';
import type { PolicyDocument } from '../../policy/document.ts';
import { DomainError } from '../../problems/problem.ts';
import type { SecretPolicies } from './secret-policies.ts';

/** Somebody else changed the policy after it was read: what was planned on it must not replace what they did. */
export class PolicyMovedOn extends Error {}

/** How often a cycle plans anew. Whoever writes back to back would hold it up for ever. */
export const MOST_PLANS = 5;

export const neverStill = () =>
  new DomainError('overloaded', {
    why: `Somebody else changed the policy ${MOST_PLANS} times while this change was made. Theirs stand, this one was not made.`,
    retryAfter: 5,
  });

/**
 * AWS has no conditional write. So the policy is read again right before it is replaced, where much time has passed since;
 * what is left is the time from that look to the Put.
 * @param documents those that a look may find: what the plan stands on, and, since AWS is eventually consistent, what this
 *   cycle found at first
 * @throws PolicyMovedOn
 */
export async function assertStill(
  policies: Pick<SecretPolicies, 'get'>,
  arn: string,
  documents: readonly (PolicyDocument | null)[],
): Promise<void> {
  const now = await policies.get(arn);
  if (!documents.some((document) => samePolicy(now, document))) throw new PolicyMovedOn();
}

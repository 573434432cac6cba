import { etagOf } from '../../policy/canonical.ts';
import { MAX_POLICY_CHARACTERS, type PolicyDocument } from '../../policy/document.ts';
import { policyText } from '../../policy/entries/compile.ts';
import { DomainError } from '../../problems/problem.ts';
import type { Secret } from '../secret.ts';

/**
 * What must hold before a policy is changed. AWS would refuse most of it with InvalidRequestException, in riddles.
 * @throws DomainError secret-is-replica, secret-pending-deletion, secret-managed-by-service
 */
export function assertChangeable(secret: Secret): void {
  if (secret.primaryRegion !== null && secret.primaryRegion !== secret.region) {
    const primary = secret.arn.replace(`:${secret.region}:`, `:${secret.primaryRegion}:`);
    throw new DomainError('secret-is-replica', { primary, region: secret.primaryRegion });
  }
  if (secret.deletedAt !== null) throw new DomainError('secret-pending-deletion', { since: secret.deletedAt });
  if (secret.owningService !== null) {
    throw new DomainError('secret-managed-by-service', { service: secret.owningService });
  }
}

/**
 * RFC 9110 sections 13.1.1 and 13.1.2, against the policy attached now.
 * @throws DomainError policy-changed
 */
export function assertPreconditions(
  attached: PolicyDocument | null,
  { ifMatch, ifNoneMatch = false }: { ifMatch: string | null; ifNoneMatch?: boolean },
): void {
  const etag = etagOf(attached);
  const matches =
    ifMatch === null ||
    (ifMatch.trim() === '*' ? attached !== null : ifMatch.split(',').some((candidate) => candidate.trim() === etag));
  if (matches && !(ifNoneMatch && attached !== null)) return;
  throw new DomainError('policy-changed', { etag });
}

/** @throws DomainError policy-too-large, with the sizes */
export function assertFits(before: PolicyDocument | null, after: PolicyDocument | null): void {
  const size = after === null ? 0 : policyText(after).length;
  if (size <= MAX_POLICY_CHARACTERS) return;
  const used = before === null ? 0 : policyText(before).length;
  throw new DomainError('policy-too-large', { limit: MAX_POLICY_CHARACTERS, size, used });
}

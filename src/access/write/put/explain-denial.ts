import type { PolicyDocument } from '../../../policy/document.ts';
import { DomainError } from '../../../problems/problem.ts';
import { lockOutOf } from '../../judge/denied/locked-out.ts';

/**
 * What the policy that is attached tells of a refusal: where it denies the call itself, which statement does, and who can
 * still edit it. Every other failure stays as it is.
 */
export function withLockOut(error: DomainError, attached: PolicyDocument | null, secretArn: string): DomainError {
  const denial = error.factsOf('aws-access-denied');
  if (denial === undefined || 'credentials' in denial || !denial.explicitly) return error;
  if (denial.denyIn !== undefined && denial.denyIn !== 'resource-based policy') return error;
  const lockedOutBy = lockOutOf(attached, secretArn, denial.missing, denial.caller ?? null);
  return lockedOutBy === null
    ? error
    : new DomainError('aws-access-denied', { ...error.facts, ...denial, lockedOutBy });
}

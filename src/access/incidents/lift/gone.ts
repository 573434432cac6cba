import { DomainError } from '../../../problems/problem.ts';
import type { SecretPolicies } from '../../write/secret-policies.ts';

/** Whether a secret was deleted, or is about to be, by what AWS says now: false where it does not say. */
export type IsGone = (secretId: string) => Promise<boolean>;

export const createIsGone =
  ({ describe }: Pick<SecretPolicies, 'describe'>): IsGone =>
  (secretId) =>
    describe(secretId).then(({ deletedAt }) => deletedAt !== null, isNotFound);

function isNotFound(error: unknown): boolean {
  if (error instanceof DomainError) return error.code === 'secret-not-found';
  throw error;
}

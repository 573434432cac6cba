import { DomainError } from '../../problems/problem.ts';
import type { Identity } from '../identity.ts';
import type { SecretPolicies } from '../write/secret-policies.ts';
import type { AskedGuardrails } from './asked-guardrails.ts';
import type { AuthorizationRequest, Authorizer } from './authorizer.ts';
import { assertAllowed } from './guard-change.ts';

/**
 * Asks the guardrails what they let a request do once more, of the caller and by the secret’s tags of now: who may not do
 * it any more is not told what came of it.
 * @throws DomainError forbidden, aws-…
 */
export type AskAgain = (identity: Identity, asked: AskedGuardrails) => Promise<void>;

export function createAskAgain(deps: { policies: Pick<SecretPolicies, 'describe'>; authorizer: Authorizer }): AskAgain {
  /** One that is gone is judged as it was. */
  async function asNow(secret: AuthorizationRequest['secret']): Promise<AuthorizationRequest['secret']> {
    if (secret === null) return null;
    return deps.policies.describe(secret.arn).catch((error) => {
      if (error instanceof DomainError && error.code === 'secret-not-found') return secret;
      throw error;
    });
  }

  return async (identity, asked) => {
    for (const { secret, ...question } of asked) {
      assertAllowed(deps.authorizer, { ...question, identity, secret: await asNow(secret) });
    }
  };
}

import type { Authorizer, GuardedAction } from '../../access/guard/authorizer.ts';
import { guardLook, mayLook } from '../../access/guard/guard-change.ts';
import { aboutAccount } from '../../access/guard/visible-secrets.ts';
import type { Identity } from '../../access/identity.ts';
import type { Secret } from '../../access/secret.ts';

/**
 * What one caller sees of the estate: secrets of accounts that it may use, of which the guardrails say yes to this look, by
 * their tags as they were last seen.
 * @throws DomainError forbidden for who may list no secrets
 */
export function eyesOf(
  authorizer: Authorizer,
  identity: Identity,
  look: Extract<GuardedAction, 'readSecret' | 'checkAccess'>,
): (secret: Secret) => boolean {
  guardLook(authorizer, identity, 'listSecrets');
  return (secret) =>
    authorizer.decide(aboutAccount(identity, secret.account)).allowed && mayLook(authorizer, identity, look, secret);
}

import type { Clock } from '../../clock.ts';
import type { SecretPolicies } from '../write/secret-policies.ts';
import { createMemory } from './memory.ts';

/**
 * For looks only: what a secret is, is asked again after some seconds, so that reading a policy costs one call, not two.
 * Tags that guardrails look at may be that old. Changes describe the secret anew, every time.
 */
export function rememberSecrets(policies: SecretPolicies, clock: Clock): SecretPolicies {
  const { once } = createMemory({ ttlMs: 5_000, max: 10_000, clock });
  return { ...policies, describe: (secretId) => once(secretId, () => policies.describe(secretId)) };
}

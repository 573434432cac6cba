import type { Clock } from '../../clock.ts';
import { parseSecretArn } from '../../policy/arn.ts';
import { createMemory } from '../looks/memory.ts';
import type { SecretPolicies } from './secret-policies.ts';

/**
 * Secrets are changed by their full ARN: a name, or an ARN without its six last characters, is looked up first. What a
 * name means is remembered for a minute; the cycle that uses it describes the secret again (run-cycle.ts).
 */
type SecretResolver = {
  /** @throws DomainError secret-not-found */
  arnOf(secretId: string): Promise<string>;
  forget(secretId: string): void;
};

export function createSecretResolver(policies: Pick<SecretPolicies, 'describe'>, clock: Clock): SecretResolver {
  const { once, forget } = createMemory({ ttlMs: 60_000, max: 10_000, clock });
  return {
    async arnOf(secretId) {
      if (parseSecretArn(secretId) !== undefined) return secretId;
      return once(secretId, async () => (await policies.describe(secretId)).arn);
    },
    forget,
  };
}

/** The name or partial ARN meant another secret than the one remembered. */
export class SecretMoved extends Error {
  readonly arn: string;
  constructor(arn: string) {
    super('The secret has another ARN.');
    this.name = 'SecretMoved';
    this.arn = arn;
  }
}

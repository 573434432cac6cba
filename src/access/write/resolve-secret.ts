import type { Clock } from '../../clock.ts';
import { parseSecretArn } from '../../policy/arn.ts';
import type { Secret } from '../secret.ts';
import type { SecretPolicies } from './secret-policies.ts';

/**
 * Secrets are changed by their full ARN: a name, or an ARN without its six last characters, is looked up first. What a
 * name means is remembered for a minute; the cycle that uses it describes the secret again (run-cycle.ts).
 */
export type SecretResolver = {
  /** @throws DomainError secret-not-found */
  arnOf(secretId: string): Promise<string>;
  /** What DescribeSecret said. */
  remember(secretId: string, secret: Secret): void;
  forget(secretId: string): void;
};

const TTL_MS = 60_000;
const MAX_NAMES = 10_000;

export function createSecretResolver(policies: Pick<SecretPolicies, 'describe'>, clock: Clock): SecretResolver {
  const known = new Map<string, { arn: string; until: number }>();

  const remember = (secretId: string, secret: Secret) => {
    if (secretId === secret.arn) return;
    known.delete(secretId);
    known.set(secretId, { arn: secret.arn, until: clock().getTime() + TTL_MS });
    const oldest = known.size > MAX_NAMES ? known.keys().next().value : undefined;
    if (oldest !== undefined) known.delete(oldest);
  };

  return {
    async arnOf(secretId) {
      const hit = known.get(secretId);
      if (hit !== undefined && hit.until > clock().getTime()) return hit.arn;
      if (parseSecretArn(secretId) !== undefined) return secretId;
      const secret = await policies.describe(secretId);
      remember(secretId, secret);
      return secret.arn;
    },
    remember,
    forget: (secretId) => known.delete(secretId),
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

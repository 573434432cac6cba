import type { Page, PageRequest } from '../../page.ts';
import { parseArn } from '../../policy/arn.ts';
import type { Authorizer } from '../guard/authorizer.ts';
import { guardLook, mayLook } from '../guard/guard-change.ts';
import type { Identity } from '../identity.ts';
import type { Secret } from '../secret.ts';
import type { SecretPolicies } from '../write/secret-policies.ts';
import type { SecretDirectory, SecretSummary } from './secret-directory.ts';

type InspectedSecret = Secret & {
  shareableAcrossAccounts: boolean;
  /** In plain words; null when it can be shared. */
  whyNot: string | null;
};

export type SecretInspector = {
  inspect(identity: Identity, secretId: string): Promise<InspectedSecret>;
  /** Those that the caller may look at by themselves: a page may hold fewer than `limit`. */
  list(identity: Identity, query: PageRequest & { namePrefix?: string }): Promise<Page<SecretSummary>>;
};

export function createSecretInspector(deps: {
  policies: Pick<SecretPolicies, 'describe'>;
  directory: SecretDirectory;
  authorizer: Authorizer;
}): SecretInspector {
  return {
    async inspect(identity, secretId) {
      const secret = await deps.policies.describe(secretId);
      guardLook(deps.authorizer, identity, 'readSecret', secret);
      const whyNot = obstacle(secret);
      return { ...secret, shareableAcrossAccounts: whyNot === null, whyNot };
    },
    async list(identity, query) {
      guardLook(deps.authorizer, identity, 'listSecrets');
      const { items, nextCursor } = await deps.directory.list(query);
      const mayRead = ({ arn, name, tags }: SecretSummary): boolean => {
        const { account = '', region = '' } = parseArn(arn) ?? {};
        return mayLook(deps.authorizer, identity, 'readSecret', { arn, name, account, region, tags });
      };
      return { items: items.filter(mayRead), nextCursor };
    },
  };
}

function obstacle(secret: Secret): string | null {
  if (secret.deletedAt !== null) return 'The secret is scheduled for deletion.';
  if (secret.primaryRegion !== null && secret.primaryRegion !== secret.region) {
    return `This is a replica: its policy follows the primary secret in ${secret.primaryRegion}.`;
  }
  if (secret.kmsKeyId === null) {
    return 'It is encrypted with the AWS managed key aws/secretsmanager, which never decrypts for another account. Give it a customer managed key.';
  }
  return null;
}

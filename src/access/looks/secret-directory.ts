import type { Page, PageRequest } from '../../page.ts';
import type { Secret } from '../secret.ts';

type SecretsPlace = Pick<Secret, 'account' | 'region'>;

export type SecretSummary = Pick<
  Secret,
  'arn' | 'name' | 'description' | 'kmsKeyId' | 'owningService' | 'deletedAt' | 'primaryRegion' | 'tags'
>;

/** The secrets of an account and Region, as ListSecrets shows them. */
export interface SecretDirectory {
  /** @param limit 1 to 1,000. `nextCursor` is opaque. @param place the service's own account and Region if left out */
  list(query: PageRequest & { namePrefix?: string; place?: SecretsPlace }): Promise<Page<SecretSummary>>;
}

import type { Page, PageRequest } from '../../page.ts';
import type { Secret } from '../secret.ts';

export type SecretSummary = Pick<
  Secret,
  'arn' | 'name' | 'description' | 'kmsKeyId' | 'owningService' | 'deletedAt' | 'primaryRegion' | 'tags'
>;

/** The secrets of the service's own account and Region, as ListSecrets shows them. */
export interface SecretDirectory {
  /** @param limit 1 to 1,000. `nextCursor` is opaque. */
  list(query: PageRequest & { namePrefix?: string }): Promise<Page<SecretSummary>>;
}

import type { Tag } from '@aws-sdk/client-secrets-manager';

/**
 * The customer managed key, or null for the AWS managed one, which Secrets Manager leaves out or shows by its alias
 * (API Reference, DescribeSecret, KmsKeyId).
 */
export const customerKey = (kmsKeyId: string | undefined): string | null =>
  kmsKeyId === undefined || kmsKeyId.endsWith('alias/aws/secretsmanager') ? null : kmsKeyId;

export const tagsOf = (tags: Tag[] | undefined): Record<string, string> =>
  Object.fromEntries((tags ?? []).flatMap(({ Key, Value }) => (Key === undefined ? [] : [[Key, Value ?? '']])));

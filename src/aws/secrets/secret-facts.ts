import type { ReplicationStatusType, Tag } from '@aws-sdk/client-secrets-manager';
import type { Replica } from '../../access/secret.ts';

/**
 * The customer managed key, or null for the AWS managed one, which Secrets Manager leaves out or shows by its alias
 * (API Reference, DescribeSecret, KmsKeyId).
 */
export const customerKey = (kmsKeyId: string | undefined): string | null =>
  kmsKeyId === undefined || kmsKeyId.endsWith('alias/aws/secretsmanager') ? null : kmsKeyId;

export const tagsOf = (tags: Tag[] | undefined): Record<string, string> =>
  Object.fromEntries((tags ?? []).flatMap(({ Key, Value }) => (Key === undefined ? [] : [[Key, Value ?? '']])));

/** Where nothing is said of a replica's state, it is taken not to be there yet. */
export const replicasOf = (described: ReplicationStatusType[] | undefined): Replica[] =>
  (described ?? []).flatMap(({ Region: region, KmsKeyId, Status: status = 'InProgress', StatusMessage }) =>
    region === undefined
      ? []
      : [{ region, kmsKeyId: customerKey(KmsKeyId), status, statusMessage: StatusMessage ?? null }],
  );

/** A secret as DescribeSecret shows it. Its value is never read. */
export type Secret = {
  arn: string;
  name: string;
  description: string | null;
  partition: string;
  region: string;
  account: string;
  /** The customer managed key's id or ARN; null when the AWS managed key `aws/secretsmanager` encrypts the secret. */
  kmsKeyId: string | null;
  /** The AWS service that manages the secret, for example `rds`; null for a customer's own. */
  owningService: string | null;
  /** RFC 3339; null unless the secret is scheduled for deletion. */
  deletedAt: string | null;
  /** Set on replicas, and on primaries that have replicas. */
  primaryRegion: string | null;
  replicaRegions: string[];
  tags: Record<string, string>;
};

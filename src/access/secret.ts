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
  replicas: Replica[];
  tags: Record<string, string>;
  /** Null unless it rotates. `functionArn` is null where AWS itself rotates it. */
  rotation: { functionArn: string | null } | null;
};

/** A copy in another Region, under a key of its own. */
export type Replica = {
  region: string;
  /** As `Secret.kmsKeyId`, of its Region. */
  kmsKeyId: string | null;
  /** `InSync`, `InProgress` or `Failed`. */
  status: string;
  /** Why replication failed; null where AWS says nothing. */
  statusMessage: string | null;
};

/** A secret as one Region holds it. */
export type SecretPlace = Pick<Secret, 'arn' | 'partition' | 'region' | 'account' | 'kmsKeyId'> & {
  /** Null for the secret itself. */
  replica: Replica | null;
};

/**
 * The secret itself, then its replicas: their ARNs differ in nothing but the Region (User Guide, "Replicate secrets across
 * Regions"). A secret that is a replica stands for itself only.
 */
export function placesOf(
  secret: Pick<Secret, 'arn' | 'partition' | 'region' | 'account' | 'kmsKeyId' | 'primaryRegion' | 'replicas'>,
): [SecretPlace, ...SecretPlace[]] {
  const { arn, partition, region, account, kmsKeyId, primaryRegion } = secret;
  const isReplica = primaryRegion !== null && primaryRegion !== region;
  const others = isReplica ? [] : secret.replicas.filter((replica) => replica.region !== region);
  return [
    { arn, partition, region, account, kmsKeyId, replica: null },
    ...others.map((replica) => ({
      arn: arn.replace(`:${region}:`, `:${replica.region}:`),
      partition,
      account,
      region: replica.region,
      kmsKeyId: replica.kmsKeyId,
      replica,
    })),
  ];
}

/** The secret's ARN in each of its Regions. */
export const arnsOf = (secret: Secret): string[] => placesOf(secret).map(({ arn }) => arn);

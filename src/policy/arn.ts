/** An Amazon Resource Name, taken apart (AWS General Reference, "Amazon Resource Names"). */
type Arn = {
  partition: string;
  service: string;
  region: string;
  account: string;
  resource: string;
};

export const PARTITIONS = ['aws', 'aws-cn', 'aws-us-gov'] as const;

/** Reads an ARN; undefined when the text is not one. */
export function parseArn(text: string): Arn | undefined {
  const [arn, partition, service, region, account, ...resource] = text.split(':');
  if (arn !== 'arn' || !partition || !service || region === undefined || account === undefined) return undefined;
  const joined = resource.join(':');
  return joined === '' ? undefined : { partition, service, region, account, resource: joined };
}

/** What stands in the place of the account, in an ARN or a pattern of them: of ARNs that nobody has to read whole. */
export const accountIn = (text: string): string | undefined => text.split(':', 5)[4];

type SecretArn = Arn & { name: string };

/** A `!` is in the names of secrets that AWS services manage (`rds!cluster-…`). */
const SECRET_RESOURCE = /^secret:([A-Za-z0-9/_+=.@!-]{1,512})-[A-Za-z0-9]{6}$/;

/**
 * Reads the full ARN of a secret: `arn:PARTITION:secretsmanager:REGION:ACCOUNT:secret:NAME-6chars`.
 * A partial ARN (without the six characters) can name the wrong secret, so it is not one
 * (Secrets Manager API Reference, DescribeSecret, SecretId).
 */
export function parseSecretArn(text: string): SecretArn | undefined {
  const arn = parseArn(text);
  if (arn === undefined || arn.service !== 'secretsmanager' || !/^\d{12}$/.test(arn.account)) return undefined;
  const name = SECRET_RESOURCE.exec(arn.resource)?.[1];
  return name === undefined ? undefined : { ...arn, name };
}

/** The partition that a Region belongs to. */
export const partitionOfRegion = (region: string): string =>
  region.startsWith('cn-') ? 'aws-cn' : region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws';

/** The pattern of all secrets of an account in a Region. */
export const secretsIn = ({ account, region }: Pick<Arn, 'account' | 'region'>): string =>
  `arn:${partitionOfRegion(region)}:secretsmanager:${region}:${account}:secret:*`;

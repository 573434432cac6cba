import type { Secret } from '../../src/access/secret.ts';

/** A secret in one Region, under the AWS managed key, with nothing more to it. */
export const PROD_SECRET: Secret = {
  arn: 'arn:aws:secretsmanager:us-east-1:111111111111:secret:prod/db-AbCdEf',
  name: 'prod/db',
  description: null,
  partition: 'aws',
  region: 'us-east-1',
  account: '111111111111',
  kmsKeyId: null,
  owningService: null,
  deletedAt: null,
  primaryRegion: null,
  replicaRegions: [],
  replicas: [],
  tags: {},
  rotation: null,
};

const replica = (region: string) => ({ region, kmsKeyId: null, status: 'InSync', statusMessage: null });

/** The same with two replicas. */
export const REPLICATED: Secret = {
  ...PROD_SECRET,
  primaryRegion: 'us-east-1',
  replicaRegions: ['eu-west-1', 'eu-north-1'],
  replicas: [replica('eu-west-1'), replica('eu-north-1')],
};

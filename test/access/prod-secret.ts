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

import type { PolicyDocument } from '../../policy/document.ts';

/** The predefined alias of the AWS managed key, which every account has in every Region from its first use on. */
export const MANAGED_ALIAS = 'alias/aws/secretsmanager';

export const managedKeyDescription = 'Default key that protects my Secrets Manager data when no other key is defined';

type Place = { partition: string; account: string; region: string };

/**
 * The fixed policy of `aws/secretsmanager`: through Secrets Manager, and only for the account's own principals. That
 * is why a secret under this key can never be read from another account.
 */
export const managedKeyPolicy = ({ partition, account, region }: Place): PolicyDocument => ({
  Version: '2012-10-17',
  Id: 'auto-secretsmanager-2',
  Statement: [
    {
      Sid: 'Allow access through AWS Secrets Manager for all principals in the account that are authorized to use AWS Secrets Manager',
      Effect: 'Allow',
      Principal: { AWS: '*' },
      Action: [
        'kms:Encrypt',
        'kms:Decrypt',
        'kms:ReEncrypt*',
        'kms:GenerateDataKey*',
        'kms:CreateGrant',
        'kms:DescribeKey',
      ],
      Resource: '*',
      Condition: {
        StringEquals: { 'kms:ViaService': `secretsmanager.${region}.amazonaws.com`, 'kms:CallerAccount': account },
      },
    },
    {
      Sid: 'Allow direct access to key metadata to the account',
      Effect: 'Allow',
      Principal: { AWS: `arn:${partition}:iam::${account}:root` },
      Action: ['kms:Describe*', 'kms:Get*', 'kms:List*', 'kms:RevokeGrant'],
      Resource: '*',
    },
  ],
});

import { readFileSync } from 'node:fs';
import type { PolicyDocument, Statement } from '../policy/document.ts';
import type { LocalAws } from './local-aws.ts';
import { MANAGEMENT, seedOrganization } from './seed-organization.ts';
import { seedEventsQueue } from './seed-queue.ts';
import { unlessMissing } from './unless-missing.ts';

const REGION = 'us-east-1';
const OWNER = '111111111111';
const OTHER_OWNER = '333333333333';
/** Accounts that secrets are shared with. 222222222222 is outside the organisation. */
const READERS = ['123456789999', '222222222222'];
const SERVICE_ROLE = `arn:aws:iam::${OWNER}:role/secret-access-service`;
/** Of the management account, where the service asks which accounts there are, and nothing else. */
const ACCOUNTS_ROLE = `arn:aws:iam::${MANAGEMENT}:role/secret-access-target`;
/** Likewise, and which control policies bind them. */
const ORGANIZATION_ROLE = `arn:aws:iam::${MANAGEMENT}:role/secret-access-organization`;
const TARGET_ROLE = `arn:aws:iam::${OTHER_OWNER}:role/secret-access-target`;
/** What the service must show to assume the role of the other account, and of readers' accounts. */
const EXTERNAL_ID = 'local';
const READER_EXTERNAL_ID = 'local-reader';

const OF_CONTROL_POLICIES = ['ListParents', 'ListPoliciesForTarget', 'DescribePolicy'];

export const allow = (...actions: string[]): PolicyDocument => ({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: actions, Resource: '*' }],
});

/**
 * Fills the stand-in with the demo: callers, keys and secrets with harmless values. Adds what is missing and never
 * overwrites what is there, except that the service's role follows the policy that it is started with.
 */
export function seed(local: LocalAws): void {
  seedOrganization(local, [OWNER, OTHER_OWNER], '123456789999');
  seedPrincipals(local);
  const demo = seedKey(local, 'LOCALOWNER', OWNER, 'demo', [readersThrough(REGION)]);
  seedKey(local, 'LOCALOWNER', OWNER, 'private', []);
  const other = seedKey(local, 'LOCALOTHEROWNER', OTHER_OWNER, 'other', []);
  seedSecret(local, 'LOCALOWNER', {
    Name: 'demo/database',
    Description: 'Demo: the credentials of a database',
    KmsKeyId: demo,
    SecretString: '{"username":"demo","password":"not-a-real-password"}',
    Tags: [{ Key: 'team', Value: 'payments' }],
  });
  seedSecret(local, 'LOCALOWNER', {
    Name: 'demo/api-key',
    Description: 'Demo: an API key',
    KmsKeyId: demo,
    SecretString: 'not-a-real-api-key',
    Tags: [{ Key: 'team', Value: 'platform' }],
  });
  seedSecret(local, 'LOCALOWNER', {
    Name: 'demo/default-key',
    Description: 'Demo: under the AWS managed key, which no other account can use',
    SecretString: 'not-a-real-secret',
  });
  seedSecret(local, 'LOCALOTHEROWNER', {
    Name: 'demo/other-account',
    Description: 'Demo: a secret of another account, which the service reaches by assuming a role',
    KmsKeyId: other,
    SecretString: 'not-a-real-secret-either',
  });
  seedEventsQueue(local);
}

function seedPrincipals({ directory, servicePolicy }: LocalAws): void {
  const policies = [servicePolicy];
  const reader = [allow('secretsmanager:*', 'kms:*')];
  const readersPolicies = [readerPolicy()];
  const users = [
    { arn: `arn:aws:iam::${OWNER}:user/owner`, policies: [allow('*')], accessKeyId: 'LOCALOWNER' },
    { arn: `arn:aws:iam::${OTHER_OWNER}:user/owner`, policies: [allow('*')], accessKeyId: 'LOCALOTHEROWNER' },
    { arn: `arn:aws:iam::${MANAGEMENT}:user/owner`, policies: [allow('*')], accessKeyId: 'LOCALMANAGEMENT' },
    { arn: 'arn:aws:iam::123456789999:user/Mary', policies: reader, accessKeyId: 'LOCALMARY' },
  ];
  const roles = [
    { arn: SERVICE_ROLE, policies, accessKeyId: 'LOCALSERVICE' },
    { arn: 'arn:aws:iam::222222222222:role/app', policies: reader, accessKeyId: 'LOCALAPP' },
    { arn: TARGET_ROLE, policies, trustPolicy: TRUSTS_THE_SERVICE },
    {
      arn: ORGANIZATION_ROLE,
      policies: [allow(...['ListAccounts', ...OF_CONTROL_POLICIES].map((action) => `organizations:${action}`))],
      trustPolicy: TRUSTS_THE_SERVICE,
    },
    ...READERS.map((account) => ({
      arn: `arn:aws:iam::${account}:role/secret-access-reader`,
      policies: readersPolicies,
      trustPolicy: trustsTheService(READER_EXTERNAL_ID),
    })),
    {
      arn: ACCOUNTS_ROLE,
      policies: [allow('organizations:ListAccounts', 'organizations:DescribeOrganization')],
      trustPolicy: TRUSTS_THE_SERVICE,
    },
  ];
  for (const user of users) if (!directory.find(user.arn)) directory.createUser(user);
  for (const role of roles) if (!directory.find(role.arn)) directory.createRole(role);
  for (const role of [SERVICE_ROLE, TARGET_ROLE]) directory.setIdentityPolicies(role, policies);
}

const trustsTheService = (externalId: string): PolicyDocument => ({
  Version: '2012-10-17',
  Statement: [
    {
      Effect: 'Allow',
      Principal: { AWS: SERVICE_ROLE },
      Action: 'sts:AssumeRole',
      Condition: { StringEquals: { 'sts:ExternalId': externalId } },
    },
  ],
});

/** Of the role that the service assumes in other accounts. */
export const TRUSTS_THE_SERVICE = trustsTheService(EXTERNAL_ID);

/** What the role may by which the service reads the policies of readers. */
const readerPolicy = (): PolicyDocument =>
  JSON.parse(readFileSync(new URL('../../docs/reader-iam-policy.json', import.meta.url), 'utf8')) as PolicyDocument;

/** The key leg for the readers' accounts: decryption through Secrets Manager only. */
export const readersThrough = (region: string): Statement => ({
  Sid: 'Readers of other accounts',
  Effect: 'Allow',
  Principal: { AWS: READERS.map((account) => `arn:aws:iam::${account}:root`) },
  Action: ['kms:Decrypt', 'kms:DescribeKey'],
  Resource: '*',
  Condition: { StringEquals: { 'kms:ViaService': `secretsmanager.${region}.amazonaws.com` } },
});

/** @returns the ARN of the key behind `alias/NAME`, created when it is not there */
export function seedKey(
  local: LocalAws,
  owner: string,
  account: string,
  name: string,
  further: Statement[],
  region = REGION,
): string {
  const call = (operation: string, input: object) => local.call(owner, region, 'kms', operation, input);
  const existing = unlessMissing(() => call('DescribeKey', { KeyId: `alias/${name}` }));
  if (existing !== undefined) return arnOf(existing);
  const policy = {
    Version: '2012-10-17',
    Id: `key-${name}`,
    Statement: [
      {
        Sid: 'Enable IAM User Permissions',
        Effect: 'Allow',
        Principal: { AWS: `arn:aws:iam::${account}:root` },
        Action: 'kms:*',
        Resource: '*',
      },
      ...further,
    ],
  };
  const key = arnOf(call('CreateKey', { Description: `Demo key ${name}`, Policy: JSON.stringify(policy) }));
  call('CreateAlias', { AliasName: `alias/${name}`, TargetKeyId: key });
  return key;
}

const arnOf = (answer: Record<string, unknown>): string => String((answer['KeyMetadata'] as { Arn: string }).Arn);

/** @returns whether it was not there */
export function seedSecret(
  local: LocalAws,
  owner: string,
  secret: { Name: string } & Record<string, unknown>,
  region = REGION,
): boolean {
  const call = (operation: string, input: object) => local.call(owner, region, 'secretsmanager', operation, input);
  if (unlessMissing(() => call('DescribeSecret', { SecretId: secret.Name })) !== undefined) return false;
  call('CreateSecret', secret);
  return true;
}

import type { PolicyDocument, Statement } from '../policy/document.ts';
import type { LocalAws } from './local-aws.ts';
import { allow, readersThrough, seedKey, seedSecret, TRUSTS_THE_SERVICE } from './seed.ts';
import { ORGANIZATION, OWNERS_UNIT } from './seed-organization.ts';

const SHOP = '444444444444';
const APP_ACCOUNT = '222222222222';
const APP_ROLE = `arn:aws:iam::${APP_ACCOUNT}:role/app`;
const EU = 'eu-west-1';
const US = 'us-east-1';

const lets = (Principal: Statement['Principal'] & object, more: Partial<Statement> = {}): Statement => ({
  Effect: 'Allow',
  Principal,
  Action: ['secretsmanager:DescribeSecret', 'secretsmanager:GetSecretValue'],
  Resource: '*',
  ...more,
});

/**
 * What makes an estate of the demo, beside it: a third account, a second Region, a replica, and policies that let the
 * accounts of others in. Adds what is missing; policies are attached when their secret is made.
 */
export function seedEstate(local: LocalAws): void {
  seedShop(local);
  const shopKeys = { us: keyOf(local, 'LOCALSHOPOWNER', SHOP, US), eu: keyOf(local, 'LOCALSHOPOWNER', SHOP, EU) };
  const seeded = (owner: string, region: string, secret: Parameters<typeof seedSecret>[2], ...policy: Statement[]) =>
    seedWithPolicy(local, { owner, region, secret, policy });
  const value = { SecretString: 'not-a-real-secret' };
  seeded(
    'LOCALSHOPOWNER',
    US,
    {
      ...{ Name: 'shop/orders', Description: 'Demo: with a replica', KmsKeyId: shopKeys.us, ...value },
      AddReplicaRegions: [{ Region: EU, KmsKeyId: shopKeys.eu }],
    },
    lets({ AWS: `arn:aws:iam::${APP_ACCOUNT}:root` }),
  );
  seeded(
    'LOCALSHOPOWNER',
    US,
    { Name: 'shop/ledger', Description: 'Demo: an account but for one role', KmsKeyId: shopKeys.us, ...value },
    lets({ AWS: `arn:aws:iam::${APP_ACCOUNT}:root` }),
    lets({ AWS: APP_ROLE }, { Effect: 'Deny' }),
  );
  seeded(
    'LOCALSHOPOWNER',
    EU,
    { Name: 'shop/mail', Description: 'Demo: for one role', KmsKeyId: shopKeys.eu, ...value },
    lets({ AWS: APP_ROLE }),
  );
  seeded(
    'LOCALOTHEROWNER',
    EU,
    { Name: 'billing/exports', Description: 'Demo: for an organization, under the AWS managed key', ...value },
    lets({ AWS: '*' }, { Condition: { StringEquals: { 'aws:PrincipalOrgID': ORGANIZATION } } }),
  );
  seeded(
    'LOCALOWNER',
    EU,
    {
      ...{ Name: 'demo/report', Description: 'Demo: in another Region', ...value },
      ...{ KmsKeyId: keyOf(local, 'LOCALOWNER', '111111111111', EU), Tags: [{ Key: 'team', Value: 'reports' }] },
    },
    lets({ AWS: 'arn:aws:iam::123456789999:root' }),
  );
}

function seedShop({ accounts, directory, servicePolicy }: LocalAws): void {
  accounts.setOrganization(SHOP, ORGANIZATION, OWNERS_UNIT, 'shop');
  const owner = `arn:aws:iam::${SHOP}:user/owner`;
  if (!directory.find(owner))
    directory.createUser({ arn: owner, policies: [allow('*')], accessKeyId: 'LOCALSHOPOWNER' });
  const arn = `arn:aws:iam::${SHOP}:role/secret-access-target`;
  const policies = [servicePolicy];
  if (!directory.find(arn)) directory.createRole({ arn, policies, trustPolicy: TRUSTS_THE_SERVICE });
  directory.setIdentityPolicies(arn, policies);
}

const keyOf = (local: LocalAws, owner: string, account: string, region: string): string =>
  seedKey(local, owner, account, 'estate', [readersThrough(region)], region);

function seedWithPolicy(
  local: LocalAws,
  { owner, region, secret, policy }: { owner: string; region: string; secret: { Name: string }; policy: Statement[] },
): void {
  if (!seedSecret(local, owner, secret, region)) return;
  const document: PolicyDocument = { Version: '2012-10-17', Statement: policy };
  const input = { SecretId: secret.Name, ResourcePolicy: JSON.stringify(document) };
  local.call(owner, region, 'secretsmanager', 'PutResourcePolicy', input);
}

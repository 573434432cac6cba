import { CreateGrantCommand, DescribeKeyCommand } from '@aws-sdk/client-kms';
import {
  DescribeSecretCommand,
  GetSecretValueCommand,
  ListSecretsCommand,
  PutResourcePolicyCommand,
  TagResourceCommand,
} from '@aws-sdk/client-secrets-manager';
import t, { type Test } from 'tap';
import { FULL_ACCESS } from '../../src/local-aws/directory/organizations.ts';
import type { PolicyDocument, Statement } from '../../src/policy/document.ts';
import { allowMary, arnOf, MARY, policyOf, start } from './start.ts';

const READ = 'secretsmanager:GetSecretValue';
const document = (...Statement: Statement[]): PolicyDocument => ({ Version: '2012-10-17', Statement });
const only = (...Action: string[]) => document({ Effect: 'Allow', Action, Resource: '*' });
const never = (...Action: string[]) => document({ Effect: 'Deny', Action, Resource: '*' });
const refused = (because: string) => ({ name: 'AccessDeniedException', message: new RegExp(`${because}$`) });
const unallowed = (kind: string) => refused(`because no ${kind} allows the ${READ} action`);

/** Mary reads demo/database by a share. */
async function shared(t: Test) {
  const aws = await start(t);
  const SecretId = arnOf(aws.local, 'demo/database');
  const owner = aws.secretsManager('LOCALOWNER');
  const put = (...statements: object[]) =>
    owner.send(new PutResourcePolicyCommand({ SecretId, ResourcePolicy: policyOf(...statements) }));
  const read = (key: string) => aws.secretsManager(key).send(new GetSecretValueCommand({ SecretId }));
  await put(allowMary);
  await t.resolves(read('LOCALMARY'));
  return { ...aws, SecretId, owner, put, read };
}

t.test('service control policies have to allow on every level, and deny on any', async (t) => {
  const { local, read } = await shared(t);
  const { organizations } = local;
  for (const target of ['r-loca', '123456789999']) {
    organizations.setServiceControlPolicies(target, [only('secretsmanager:Describe*', 'kms:*')]);
    await t.rejects(read('LOCALMARY'), unallowed('service control policy'), target);
    organizations.setServiceControlPolicies(target, [only('secretsmanager:Describe*', 'kms:*'), only(READ)]);
    await t.resolves(read('LOCALMARY'), 'any of a level');
    organizations.setServiceControlPolicies(target, [FULL_ACCESS, never(READ)]);
    await t.rejects(read('LOCALMARY'), refused('with an explicit deny in a service control policy'), target);
    organizations.setServiceControlPolicies(target, [FULL_ACCESS]);
  }
  organizations.setServiceControlPolicies('123456789999', [FULL_ACCESS, never('kms:Decrypt')]);
  await t.rejects(read('LOCALMARY'), { message: 'Access to KMS is not allowed' }, 'nor through Secrets Manager');
});

t.test('the management account and service-linked roles are bound by none', async (t) => {
  const { local, read, put } = await shared(t);
  const { organizations, directory } = local;
  const arn = 'arn:aws:iam::123456789999:role/aws-service-role/x.amazonaws.com/AWSServiceRoleForX';
  directory.createRole({ arn, policies: [FULL_ACCESS], accessKeyId: 'LOCALLINKED' });
  await put(allowMary, { ...allowMary, Principal: { AWS: arn } });
  organizations.setServiceControlPolicies('r-loca', [never('*')]);
  await t.rejects(read('LOCALMARY'), refused('with an explicit deny in a service control policy'));
  organizations.setManagementAccount('o-local00001', '123456789999');
  await t.resolves(read('LOCALMARY'));
  organizations.setManagementAccount('o-local00001', '888888888888');
  await t.rejects(read('LOCALMARY'), { name: 'AccessDeniedException' });
  await t.resolves(read('LOCALLINKED'));
});

t.test('the resource control policy of the demo keeps internal secrets inside', async (t) => {
  const { owner, read, put, SecretId } = await shared(t);
  const APP = 'arn:aws:iam::222222222222:role/app';
  await put(allowMary, { ...allowMary, Principal: { AWS: APP } });
  await t.resolves(read('LOCALAPP'));
  await owner.send(new TagResourceCommand({ SecretId, Tags: [{ Key: 'data', Value: 'internal' }] }));
  await t.rejects(read('LOCALAPP'), refused('with an explicit deny in a resource control policy'));
  await t.resolves(read('LOCALMARY'));
});

t.test('the service control policy of the demo closes Regions to the unit of the owners', async (t) => {
  const { secretsManager } = await start(t);
  const list = (key: string) => secretsManager(key, 'ap-southeast-1').send(new ListSecretsCommand({}));
  await t.rejects(list('LOCALOWNER'), refused('with an explicit deny in a service control policy'));
  await t.resolves(list('LOCALMARY'));
});

t.test('a resource control policy is about keys too, but for those that AWS manages', async (t) => {
  const { local, owner, read } = await shared(t);
  local.organizations.setResourceControlPolicies('111111111111', [
    document({ Effect: 'Deny', Principal: '*', Action: 'kms:Decrypt', Resource: '*' }),
  ]);
  await t.rejects(read('LOCALMARY'), { message: 'Access to KMS is not allowed' });
  await t.rejects(read('LOCALOWNER'), { message: 'Access to KMS is not allowed' });
  await t.resolves(owner.send(new GetSecretValueCommand({ SecretId: 'demo/default-key' })));
});

t.test('a permissions boundary binds all but what a policy of the account gives to the user itself', async (t) => {
  const { local, read, put, kms, secretsManager, SecretId } = await shared(t);
  const { directory } = local;
  directory.setPermissionsBoundary(MARY, only('kms:*'));
  await t.rejects(read('LOCALMARY'), unallowed('permissions boundary'), 'of another account');
  directory.setPermissionsBoundary(MARY, only('secretsmanager:*', 'kms:*'));
  await t.resolves(read('LOCALMARY'));
  directory.setPermissionsBoundary(MARY, null);
  await t.resolves(read('LOCALMARY'));

  const ann = 'arn:aws:iam::111111111111:user/ann';
  directory.createUser({ arn: ann, policies: [only('*')], boundary: only('sts:*'), accessKeyId: 'LOCALANN' });
  await put(allowMary);
  await t.rejects(read('LOCALANN'), unallowed('permissions boundary'));
  await put({ ...allowMary, Principal: { AWS: ann } });
  await t.rejects(read('LOCALANN'), { message: 'Access to KMS is not allowed' }, 'the key does not name her');
  const { KeyMetadata } = await kms('LOCALOWNER').send(new DescribeKeyCommand({ KeyId: 'alias/demo' }));
  const grant = { KeyId: KeyMetadata?.Arn, GranteePrincipal: ann, Operations: ['Decrypt' as const] };
  await kms('LOCALOWNER').send(new CreateGrantCommand(grant));
  await t.resolves(read('LOCALANN'));
  directory.setPermissionsBoundary(ann, never(READ));
  await t.rejects(read('LOCALANN'), refused('with an explicit deny in a permissions boundary'));

  const role = 'arn:aws:iam::111111111111:role/bounded';
  directory.createRole({ arn: role, policies: [], boundary: only('sts:*'), accessKeyId: 'LOCALBOUNDED' });
  await put({ ...allowMary, Principal: { AWS: role } });
  const describe = () => secretsManager('LOCALBOUNDED').send(new DescribeSecretCommand({ SecretId }));
  await t.rejects(describe(), { message: /because no permissions boundary allows/ }, 'a role is bound');
  await put({ ...allowMary, Principal: { AWS: 'arn:aws:sts::111111111111:assumed-role/bounded/local' } });
  await t.resolves(describe(), 'its session, named, is not');
});

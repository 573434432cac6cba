import { DescribeSecretCommand, ListSecretsCommand, PutResourcePolicyCommand } from '@aws-sdk/client-secrets-manager';
import { AssumeRoleCommand, GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import t from 'tap';
import { allowMary, arnOf, policyOf, start } from './start.ts';

const TARGET = 'arn:aws:iam::333333333333:role/secret-access-target';
const assume = (extra: object = {}) =>
  new AssumeRoleCommand({ RoleArn: TARGET, RoleSessionName: 'sharing', ExternalId: 'local', ...extra });

t.test('the service works in the other account with the role it assumes there', async (t) => {
  let now = new Date();
  const { local, sts, secretsManager } = await start(t, { clock: () => now });
  const { Credentials, AssumedRoleUser } = await sts('LOCALSERVICE').send(assume({ DurationSeconds: 900 }));
  t.equal(AssumedRoleUser?.Arn, 'arn:aws:sts::333333333333:assumed-role/secret-access-target/sharing');
  t.equal(Credentials?.Expiration?.getTime(), now.getTime() + 900_000);
  const key = Credentials?.AccessKeyId ?? '';
  const inside = secretsManager(key, 'us-east-1', Credentials?.SessionToken);
  const SecretId = arnOf(local, 'demo/other-account', 'LOCALOTHEROWNER');
  t.match((await inside.send(new ListSecretsCommand({}))).SecretList, [{ Name: 'demo/other-account' }]);
  const ResourcePolicy = policyOf(allowMary);
  await inside.send(new PutResourcePolicyCommand({ SecretId, ResourcePolicy, BlockPublicPolicy: true }));
  await t.rejects(secretsManager('LOCALSERVICE').send(new DescribeSecretCommand({ SecretId })), {
    name: 'AccessDeniedException',
  });

  const invalid = { name: 'UnrecognizedClientException' };
  await t.rejects(secretsManager(key).send(new ListSecretsCommand({})), invalid, 'without its token');
  await t.rejects(secretsManager(key, 'us-east-1', 'wrong').send(new ListSecretsCommand({})), invalid);
  now = new Date(now.getTime() + 900_000);
  await t.rejects(inside.send(new ListSecretsCommand({})), { name: 'ExpiredTokenException' }, 'once they have expired');
});

t.test('a role is assumed only by whom it trusts', async (t) => {
  const { sts } = await start(t);
  const denied = {
    name: 'AccessDenied',
    message: /is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::333333333333:role/,
    $metadata: { httpStatusCode: 403 },
  };
  await t.rejects(sts('LOCALSERVICE').send(assume({ ExternalId: 'wrong' })), denied);
  await t.rejects(sts('LOCALSERVICE').send(assume({ ExternalId: undefined })), denied);
  await t.rejects(sts('LOCALOWNER').send(assume()), denied, 'an administrator whom the role does not trust');
  await t.rejects(sts('LOCALSERVICE').send(assume({ RoleArn: `${TARGET}s` })), denied, 'a role that does not exist');
  await t.rejects(sts('LOCALSERVICE').send(assume({ DurationSeconds: 7200 })), { message: /role chaining/ });
});

t.test('callers are told who they are', async (t) => {
  const { sts } = await start(t);
  const identity = (key: string) => sts(key).send(new GetCallerIdentityCommand({}));
  t.match(await identity('LOCALMARY'), {
    Arn: 'arn:aws:iam::123456789999:user/Mary',
    Account: '123456789999',
    UserId: /^AIDA/,
  });
  t.match(await identity('LOCALAPP'), {
    Arn: 'arn:aws:sts::222222222222:assumed-role/app/local',
    UserId: /^AROA.*:local$/,
  });
  await t.rejects(identity('NOBODY'), { name: 'InvalidClientTokenId', $metadata: { httpStatusCode: 403 } });
});

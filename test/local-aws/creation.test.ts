import {
  CreateSecretCommand,
  DeleteSecretCommand,
  DescribeSecretCommand,
  ListSecretsCommand,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateSecretCommand,
} from '@aws-sdk/client-secrets-manager';
import t from 'tap';
import { arnOf, start } from './start.ts';

t.test('CreateSecret with tags or replicas asks for their permissions too', async (t) => {
  const { local, secretsManager } = await start(t);
  const arn = 'arn:aws:iam::111111111111:user/creator';
  const allow = (...Action: string[]) =>
    local.directory.setIdentityPolicies(arn, [
      { Version: '2012-10-17', Statement: { Effect: 'Allow', Action: ['kms:*', ...Action], Resource: '*' } },
    ]);
  local.directory.createUser({ arn, policies: [], accessKeyId: 'LOCALCREATOR' });
  allow('secretsmanager:CreateSecret');
  const create = (Name: string, extra: object = {}) =>
    secretsManager('LOCALCREATOR').send(new CreateSecretCommand({ Name, SecretString: 'x', ...extra }));
  const tagged = { Tags: [{ Key: 'team', Value: 'core' }] };
  const replicated = { AddReplicaRegions: [{ Region: 'eu-west-1' }] };
  const denied = (action: string) => ({ name: 'AccessDeniedException', message: new RegExp(`perform: ${action} `) });
  await t.resolves(create('plain'));
  await t.resolves(create('no-tags', { Tags: [] }));
  await t.rejects(create('tagged', tagged), denied('secretsmanager:TagResource'));
  await t.rejects(create('wide', replicated), denied('secretsmanager:ReplicateSecretToRegions'));
  allow('secretsmanager:CreateSecret', 'secretsmanager:TagResource', 'secretsmanager:ReplicateSecretToRegions');
  await t.resolves(create('tagged', tagged));
  await t.resolves(create('wide', replicated));
});

t.test(
  'a secret without tags shows none, one that has lost its own an empty list, and no key is given twice',
  async (t) => {
    const { secretsManager } = await start(t);
    const owner = secretsManager('LOCALOWNER');
    await owner.send(new CreateSecretCommand({ Name: 'bare' }));
    const Filters = [{ Key: 'name' as const, Values: ['bare'] }];
    const [listed] = (await owner.send(new ListSecretsCommand({ Filters }))).SecretList ?? [];
    t.equal(listed?.Name, 'bare');
    t.equal(listed?.Tags, undefined);
    t.equal((await owner.send(new DescribeSecretCommand({ SecretId: 'bare' }))).Tags, undefined);
    const Tags = ['a', 'b'].map((Value) => ({ Key: 'team', Value }));
    const twice = { name: 'InvalidParameterException', message: /only once/ };
    await t.rejects(owner.send(new CreateSecretCommand({ Name: 'twice', Tags })), twice);
    await t.rejects(owner.send(new TagResourceCommand({ SecretId: 'bare', Tags })), twice);
    await owner.send(new TagResourceCommand({ SecretId: 'bare', Tags: Tags.slice(1) }));
    await owner.send(new UntagResourceCommand({ SecretId: 'bare', TagKeys: ['team'] }));
    t.same((await owner.send(new DescribeSecretCommand({ SecretId: 'bare' }))).Tags, [], 'once it had some');
  },
);

t.test('what looks like a complete ARN is taken for one', async (t) => {
  const { secretsManager } = await start(t);
  const owner = secretsManager('LOCALOWNER');
  const { ARN = '' } = await owner.send(new CreateSecretCommand({ Name: 'db-prod12' }));
  t.equal((await owner.send(new DescribeSecretCommand({ SecretId: ARN }))).ARN, ARN);
  await t.rejects(owner.send(new DescribeSecretCommand({ SecretId: ARN.slice(0, -7) })), {
    name: 'ResourceNotFoundException',
  });
});

t.test('a forced deletion succeeds where nothing is, for those who may delete', async (t) => {
  const { local, secretsManager } = await start(t);
  const owner = secretsManager('LOCALOWNER');
  const force = { ForceDeleteWithoutRecovery: true };
  const answer = await owner.send(new DeleteSecretCommand({ SecretId: 'nowhere', ...force }));
  t.match(answer, { ARN: /^arn:aws:secretsmanager:us-east-1:111111111111:secret:nowhere-\w{6}$/, Name: 'nowhere' });
  t.ok(answer.DeletionDate);
  const SecretId = arnOf(local, 'demo/database');
  await owner.send(new DeleteSecretCommand({ SecretId, ...force }));
  t.match(await owner.send(new DeleteSecretCommand({ SecretId, ...force })), { ARN: SecretId, Name: 'demo/database' });
  await t.rejects(owner.send(new DeleteSecretCommand({ SecretId })), { name: 'ResourceNotFoundException' });
  await t.rejects(owner.send(new DeleteSecretCommand({ SecretId, ...force, RecoveryWindowInDays: 7 })), {
    name: 'InvalidParameterException',
  });
  await t.rejects(secretsManager('LOCALSERVICE').send(new DeleteSecretCommand({ SecretId, ...force })), {
    name: 'AccessDeniedException',
  });
});

t.test('a new key is tried, for decryption too, before a secret gets it', async (t) => {
  const { local, secretsManager } = await start(t);
  const arn = 'arn:aws:iam::111111111111:user/keeper';
  const allow = (...Action: string[]) =>
    local.directory.setIdentityPolicies(arn, [
      { Version: '2012-10-17', Statement: { Effect: 'Allow', Action, Resource: '*' } },
    ]);
  local.directory.createUser({ arn, policies: [], accessKeyId: 'LOCALKEEPER' });
  const update = () =>
    secretsManager('LOCALKEEPER').send(
      new UpdateSecretCommand({ SecretId: 'demo/default-key', KmsKeyId: 'alias/private' }),
    );
  allow('secretsmanager:*', 'kms:GenerateDataKey', 'kms:Encrypt');
  await t.rejects(update(), { name: 'AccessDeniedException', message: 'Access to KMS is not allowed' });
  allow('secretsmanager:*', 'kms:GenerateDataKey', 'kms:Encrypt', 'kms:Decrypt');
  await t.resolves(update());
});

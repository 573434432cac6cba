import {
  CancelKeyDeletionCommand,
  CreateAliasCommand,
  CreateGrantCommand,
  CreateKeyCommand,
  DescribeKeyCommand,
  DisableKeyCommand,
  EnableKeyCommand,
  ScheduleKeyDeletionCommand,
} from '@aws-sdk/client-kms';
import {
  CreateSecretCommand,
  DescribeSecretCommand,
  GetSecretValueCommand,
  PutResourcePolicyCommand,
  PutSecretValueCommand,
  ReplicateSecretToRegionsCommand,
  UpdateSecretCommand,
} from '@aws-sdk/client-secrets-manager';
import t from 'tap';
import { allowMary, arnOf, MARY, policyOf, start } from './start.ts';

const KEY_DENIED = { name: 'AccessDeniedException', message: 'Access to KMS is not allowed' };

t.test('a replica is read with the key that it has in its Region', async (t) => {
  const { local, secretsManager, kms } = await start(t);
  const [owner, mary] = [secretsManager('LOCALOWNER'), secretsManager('LOCALMARY', 'eu-west-1')];
  const abroad = kms('LOCALOWNER', 'eu-west-1');
  const { KeyMetadata } = await abroad.send(new CreateKeyCommand({}));
  const [KmsKeyId, SecretId] = [KeyMetadata?.Arn ?? '', arnOf(local, 'demo/database')];
  const AddReplicaRegions = [{ Region: 'eu-west-1', KmsKeyId }];
  await owner.send(new ReplicateSecretToRegionsCommand({ SecretId, AddReplicaRegions }));
  await owner.send(new PutResourcePolicyCommand({ SecretId, ResourcePolicy: policyOf(allowMary) }));
  const { ReplicationStatus } = await owner.send(new DescribeSecretCommand({ SecretId }));
  t.match(ReplicationStatus, [{ Region: 'eu-west-1', KmsKeyId, Status: 'InSync' }]);

  const replica = SecretId.replace('us-east-1', 'eu-west-1');
  const read = () => mary.send(new GetSecretValueCommand({ SecretId: replica }));
  await t.resolves(secretsManager('LOCALMARY').send(new GetSecretValueCommand({ SecretId })), 'the primary');
  await t.rejects(read(), KEY_DENIED);
  const grant = (SecretARN: string) =>
    abroad.send(
      new CreateGrantCommand({
        KeyId: KmsKeyId,
        GranteePrincipal: MARY,
        Operations: ['Decrypt'],
        Constraints: { EncryptionContextSubset: { SecretARN } },
      }),
    );
  await grant(SecretId);
  await t.rejects(read(), KEY_DENIED, 'the context of a replica names its own ARN');
  await grant(replica);
  await t.resolves(read());
});

t.test('a secret is not replicated under a key that the caller can not use there', async (t) => {
  const { local, secretsManager } = await start(t);
  const AddReplicaRegions = [{ Region: 'eu-west-1', KmsKeyId: 'alias/nowhere' }];
  const input = { SecretId: arnOf(local, 'demo/database'), AddReplicaRegions };
  const answer = await secretsManager('LOCALOWNER').send(new ReplicateSecretToRegionsCommand(input));
  t.match(answer.ReplicationStatus, [{ Status: 'Failed', StatusMessage: 'The KMS key is disabled or not found.' }]);
});

t.test('a key must be there, and usable by who names it, before a secret has it', async (t) => {
  const { local, secretsManager, kms } = await start(t);
  const owner = secretsManager('LOCALOWNER');
  const { KeyMetadata } = await kms('LOCALOTHEROWNER').send(new DescribeKeyCommand({ KeyId: 'alias/other' }));
  const failure = { name: 'EncryptionFailure' };
  await t.rejects(owner.send(new CreateSecretCommand({ Name: 'new', KmsKeyId: 'alias/nowhere' })), failure);
  await t.rejects(owner.send(new CreateSecretCommand({ Name: 'new', KmsKeyId: KeyMetadata?.Arn ?? '' })), KEY_DENIED);
  await t.rejects(owner.send(new UpdateSecretCommand({ SecretId: 'demo/database', KmsKeyId: 'alias/x' })), failure);
  local.directory.createUser({
    arn: 'arn:aws:iam::111111111111:user/writer',
    accessKeyId: 'LOCALWRITER',
    policies: [
      {
        Version: '2012-10-17',
        Statement: { Effect: 'Allow', Action: ['secretsmanager:*', 'kms:GenerateDataKey'], Resource: '*' },
      },
    ],
  });
  const create = (KmsKeyId?: string) =>
    secretsManager('LOCALWRITER').send(new CreateSecretCommand({ Name: 'new', KmsKeyId, SecretString: 'x' }));
  await t.rejects(create('alias/demo'), KEY_DENIED, 'Decrypt is tried too');
  await t.resolves(create(), 'the default key lets everybody of the account in');
});

t.test('after a change of its key a secret can be decrypted with either', async (t) => {
  const { local, secretsManager, kms } = await start(t);
  const [owner, mary, SecretId] = [
    secretsManager('LOCALOWNER'),
    secretsManager('LOCALMARY'),
    arnOf(local, 'demo/database'),
  ];
  await owner.send(new PutResourcePolicyCommand({ SecretId, ResourcePolicy: policyOf(allowMary) }));
  const { KeyMetadata } = await kms('LOCALOWNER').send(new DescribeKeyCommand({ KeyId: 'alias/private' }));
  await owner.send(new UpdateSecretCommand({ SecretId, KmsKeyId: KeyMetadata?.Arn }));
  const read = () => mary.send(new GetSecretValueCommand({ SecretId }));
  await t.resolves(read(), 'with the key before');
  await owner.send(new PutSecretValueCommand({ SecretId, SecretString: 'new' }));
  await t.rejects(read(), KEY_DENIED, 'a new version knows the new key only');
});

t.test('a bare key id is looked up in the account of the writer', async (t) => {
  const { secretsManager, kms } = await start(t);
  const { KeyMetadata } = await kms('LOCALOWNER').send(new DescribeKeyCommand({ KeyId: 'alias/demo' }));
  const owner = secretsManager('LOCALOWNER');
  const secret = { Name: 'bare', KmsKeyId: KeyMetadata?.KeyId, SecretString: 'x' };
  const { ARN: SecretId = '' } = await owner.send(new CreateSecretCommand(secret));
  await owner.send(new PutResourcePolicyCommand({ SecretId, ResourcePolicy: policyOf(allowMary) }));
  const mary = secretsManager('LOCALMARY');
  await t.resolves(mary.send(new GetSecretValueCommand({ SecretId })));
  await t.rejects(mary.send(new PutSecretValueCommand({ SecretId, SecretString: 'y' })), { name: 'EncryptionFailure' });
});

t.test('a disabled key neither encrypts nor decrypts; one that is deleted is gone when its time is up', async (t) => {
  let now = new Date('2026-01-01T00:00:00Z');
  const { secretsManager, kms } = await start(t, { clock: () => now });
  const [owner, keys] = [secretsManager('LOCALOWNER'), kms('LOCALOWNER')];
  const { KeyMetadata } = await keys.send(new DescribeKeyCommand({ KeyId: 'alias/demo' }));
  const [KeyId, SecretId] = [KeyMetadata?.Arn ?? '', 'demo/database'];
  const read = () => owner.send(new GetSecretValueCommand({ SecretId }));
  const write = () => owner.send(new PutSecretValueCommand({ SecretId, SecretString: 'x' }));
  await keys.send(new DisableKeyCommand({ KeyId }));
  t.match((await keys.send(new DescribeKeyCommand({ KeyId }))).KeyMetadata, { Enabled: false, KeyState: 'Disabled' });
  await t.rejects(read(), { name: 'DecryptionFailure' });
  await t.rejects(write(), { name: 'EncryptionFailure' });
  await keys.send(new EnableKeyCommand({ KeyId }));
  await t.resolves(read());

  const invalid = { name: 'KMSInvalidStateException' };
  const deletion = await keys.send(new ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays: 7 }));
  t.match(deletion, { KeyId, KeyState: 'PendingDeletion', PendingWindowInDays: 7 });
  t.equal(deletion.DeletionDate?.toISOString(), '2026-01-08T00:00:00.000Z');
  await t.rejects(read(), { name: 'DecryptionFailure' });
  await t.rejects(keys.send(new EnableKeyCommand({ KeyId })), invalid);
  await t.rejects(keys.send(new ScheduleKeyDeletionCommand({ KeyId })), invalid);
  await keys.send(new CancelKeyDeletionCommand({ KeyId }));
  await t.rejects(keys.send(new CancelKeyDeletionCommand({ KeyId })), invalid);
  t.match((await keys.send(new DescribeKeyCommand({ KeyId }))).KeyMetadata, { KeyState: 'Disabled' });
  await keys.send(new ScheduleKeyDeletionCommand({ KeyId }));
  now = new Date('2026-02-01T00:00:00Z');
  await t.rejects(keys.send(new DescribeKeyCommand({ KeyId })), { name: 'NotFoundException' });
});

t.test('each fault of an alias has its code', async (t) => {
  const { kms } = await start(t);
  const keys = kms('LOCALOWNER');
  const { KeyMetadata } = await keys.send(new DescribeKeyCommand({ KeyId: 'alias/demo' }));
  const TargetKeyId = KeyMetadata?.KeyId ?? '';
  const create = (AliasName: string, key = TargetKeyId) =>
    keys.send(new CreateAliasCommand({ AliasName, TargetKeyId: key }));
  await t.rejects(create('demo'), { name: 'ValidationException', message: 'Invalid identifier' });
  await t.rejects(create('alias/de mo'), { name: 'ValidationException', message: /regular expression/ });
  await t.rejects(create('alias/a:b'), { name: 'InvalidAliasNameException' });
  await t.rejects(create('alias/aws/mine'), { name: 'NotAuthorizedException' });
  await t.rejects(create('alias/demo'), { name: 'AlreadyExistsException' });
  await t.rejects(create('alias/new', 'alias/demo'), { name: 'ValidationException' });
  await t.rejects(create('alias/new', '00000000-0000-4000-8000-000000000000'), { name: 'NotFoundException' });
});

t.test('aws:PrincipalOrgPaths tells the organizational units of an account', async (t) => {
  const { local, secretsManager } = await start(t);
  const SecretId = arnOf(local, 'demo/database');
  const owner = secretsManager('LOCALOWNER');
  const put = (path: string) => {
    const Condition = { 'ForAnyValue:StringLike': { 'aws:PrincipalOrgPaths': path } };
    const ResourcePolicy = policyOf({ ...allowMary, Principal: '*', Condition });
    return owner.send(new PutResourcePolicyCommand({ SecretId, ResourcePolicy }));
  };
  const read = () => secretsManager('LOCALMARY').send(new GetSecretValueCommand({ SecretId }));
  local.accounts.setOrganization('123456789999', 'o-local00001', ['r-ab12', 'ou-ab12-11111111', 'ou-ab12-22222222']);
  await put('o-local00001/r-ab12/ou-ab12-11111111/*');
  await t.resolves(read());
  await put('o-local00001/r-ab12/ou-ab12-11111111/');
  await t.rejects(read(), { name: 'AccessDeniedException' }, 'that unit itself');
  await put('o-local00001/r-ab12/ou-ab12-11111111/ou-ab12-22222222/');
  await t.resolves(read());
  local.accounts.setOrganization('123456789999', null);
  await t.rejects(read(), { name: 'AccessDeniedException' }, 'without an organization');
});

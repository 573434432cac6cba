import {
  CreateSecretCommand,
  DeleteSecretCommand,
  DescribeSecretCommand,
  GetResourcePolicyCommand,
  GetSecretValueCommand,
  ListSecretsCommand,
  ListSecretVersionIdsCommand,
  PutResourcePolicyCommand,
  PutSecretValueCommand,
  ReplicateSecretToRegionsCommand,
  RestoreSecretCommand,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateSecretCommand,
} from '@aws-sdk/client-secrets-manager';
import t from 'tap';
import { matchList } from '../match-list.ts';
import { allowMary, arnOf, policyOf, start } from './start.ts';

t.test('the demo is as the contract says', async (t) => {
  const { local, secretsManager } = await start(t);
  const { SecretList } = await secretsManager('LOCALSERVICE').send(new ListSecretsCommand({}));
  t.same(SecretList?.map(({ Name }) => Name).sort(), ['demo/api-key', 'demo/database', 'demo/default-key']);
  t.match(arnOf(local, 'demo/database'), /^arn:aws:secretsmanager:us-east-1:111111111111:secret:demo\/database-\w{6}$/);
  const described = await secretsManager('LOCALSERVICE').send(
    new DescribeSecretCommand({ SecretId: 'demo/default-key' }),
  );
  t.equal(described.KmsKeyId, undefined);
});

t.test('a secret is found by name, ARN and ARN without its suffix, in its Region only', async (t) => {
  const { secretsManager } = await start(t);
  const owner = secretsManager('LOCALOWNER');
  const { ARN = '' } = await owner.send(new CreateSecretCommand({ Name: 'app/db-production', SecretString: 'x' }));
  for (const SecretId of ['app/db-production', ARN, ARN.slice(0, -7)]) {
    t.equal((await owner.send(new DescribeSecretCommand({ SecretId }))).ARN, ARN, SecretId);
  }
  const missing = {
    name: 'ResourceNotFoundException',
    message: "Secrets Manager can't find the specified secret.",
    $metadata: { httpStatusCode: 400, requestId: /^[0-9a-f-]{36}$/ },
  };
  await t.rejects(owner.send(new DescribeSecretCommand({ SecretId: 'app/db' })), missing);
  await t.rejects(owner.send(new DescribeSecretCommand({ SecretId: `${ARN.slice(0, -6)}AAAAAA` })), missing);
  const elsewhere = secretsManager('LOCALOWNER', 'eu-west-1');
  await t.rejects(elsewhere.send(new DescribeSecretCommand({ SecretId: 'app/db-production' })), missing);
  await t.rejects(elsewhere.send(new DescribeSecretCommand({ SecretId: ARN })), missing);
  await t.rejects(owner.send(new CreateSecretCommand({ Name: 'app/db-production' })), {
    name: 'ResourceExistsException',
  });
  await t.rejects(owner.send(new CreateSecretCommand({ Name: 'a b' })), {
    name: 'ValidationException',
    message: /Invalid name/,
  });
  await t.rejects(owner.send(new DescribeSecretCommand({ SecretId: 'a b' })), {
    name: 'ValidationException',
    message: /Invalid name/,
  });
});

t.test('stages move with new versions', async (t) => {
  const { secretsManager } = await start(t);
  const owner = secretsManager('LOCALOWNER');
  const SecretId = 'versions';
  const ClientRequestToken = '00000000-0000-4000-8000-000000000001';
  const created = { Name: SecretId, SecretString: 'one', ClientRequestToken };
  const first = await owner.send(new CreateSecretCommand(created));
  t.same(
    await owner.send(new CreateSecretCommand(created)).then(({ ARN }) => ARN),
    first.ARN,
    'the same request again',
  );
  const tokenInUse = {
    name: 'ResourceExistsException',
    message: `You can't use ClientRequestToken ${ClientRequestToken} because that value is already in use for a version of secret ${first.ARN}.`,
  };
  await t.rejects(owner.send(new CreateSecretCommand({ ...created, SecretString: 'other' })), tokenInUse);
  const binary = { Name: SecretId, SecretBinary: Buffer.from('one'), ClientRequestToken };
  await t.rejects(owner.send(new CreateSecretCommand(binary)), tokenInUse);
  const second = await owner.send(new PutSecretValueCommand({ SecretId, SecretString: 'two' }));
  const read = async (extra: object = {}) =>
    (await owner.send(new GetSecretValueCommand({ SecretId, ...extra }))).SecretString;
  t.same([await read(), await read({ VersionStage: 'AWSPREVIOUS' })], ['two', 'one']);
  await owner.send(
    new PutSecretValueCommand({ SecretId, SecretBinary: Buffer.from([1, 2]), VersionStages: ['AWSPENDING'] }),
  );
  t.same(
    (await owner.send(new GetSecretValueCommand({ SecretId, VersionStage: 'AWSPENDING' }))).SecretBinary,
    Buffer.from([1, 2]),
  );
  t.equal(await read(), 'two');
  await owner.send(new UpdateSecretCommand({ SecretId, SecretString: 'three', Description: 'changed' }));
  const { VersionIdsToStages, Description } = await owner.send(new DescribeSecretCommand({ SecretId }));
  t.same(VersionIdsToStages?.[second.VersionId ?? ''], ['AWSPREVIOUS']);
  t.equal(Description, 'changed');
  t.equal((await owner.send(new ListSecretVersionIdsCommand({ SecretId }))).Versions?.length, 3);
  t.equal(
    (await owner.send(new ListSecretVersionIdsCommand({ SecretId, IncludeDeprecated: true }))).Versions?.length,
    4,
  );
  await t.rejects(read({ VersionStage: 'NONE' }), {
    name: 'ResourceNotFoundException',
    message: "Secrets Manager can't find the specified secret value for staging label: NONE",
  });
  const other = { SecretId, SecretString: 'other', ClientRequestToken };
  await t.rejects(owner.send(new PutSecretValueCommand(other)), tokenInUse);
  const bare = await owner.send(new CreateSecretCommand({ Name: 'bare' }));
  t.strictSame(Object.keys(await owner.send(new DescribeSecretCommand({ SecretId: 'bare' }))).toSorted(), [
    '$metadata',
    'ARN',
    'CreatedDate',
    'LastChangedDate',
    'Name',
  ]);
  t.notOk(bare.VersionId);
});

t.test('a secret scheduled for deletion refuses, until it is restored or its time is up', async (t) => {
  let now = new Date('2026-01-01T00:00:00Z');
  const { secretsManager } = await start(t, { clock: () => now });
  const owner = secretsManager('LOCALOWNER');
  const SecretId = 'demo/database';
  await t.rejects(owner.send(new DeleteSecretCommand({ SecretId, RecoveryWindowInDays: 5 })), {
    name: 'InvalidParameterException',
  });
  const { DeletionDate } = await owner.send(new DeleteSecretCommand({ SecretId, RecoveryWindowInDays: 7 }));
  t.equal(DeletionDate?.toISOString(), '2026-01-08T00:00:00.000Z');
  const pending = {
    name: 'InvalidRequestException',
    message: "You can't perform this operation on the secret because it was marked for deletion.",
  };
  const ResourcePolicy = policyOf(allowMary);
  await t.rejects(owner.send(new PutResourcePolicyCommand({ SecretId, ResourcePolicy })), pending);
  await t.rejects(owner.send(new GetResourcePolicyCommand({ SecretId })), pending);
  await t.rejects(owner.send(new GetSecretValueCommand({ SecretId })), pending);
  await t.rejects(owner.send(new CreateSecretCommand({ Name: SecretId })), { name: 'InvalidRequestException' });
  t.ok((await owner.send(new DescribeSecretCommand({ SecretId }))).DeletedDate);
  const names = async (IncludePlannedDeletion: boolean) =>
    (await owner.send(new ListSecretsCommand({ IncludePlannedDeletion }))).SecretList?.length;
  t.same([await names(false), await names(true)], [2, 3]);
  await owner.send(new RestoreSecretCommand({ SecretId }));
  await t.resolves(owner.send(new PutResourcePolicyCommand({ SecretId, ResourcePolicy })));
  await owner.send(new DeleteSecretCommand({ SecretId }));
  now = new Date('2026-02-01T00:00:00Z');
  await t.rejects(owner.send(new DescribeSecretCommand({ SecretId })), { name: 'ResourceNotFoundException' });
});

t.test(
  'a secret that an AWS service manages takes policies, unless that service is said to keep it to itself',
  async (t) => {
    const { local, secretsManager } = await start(t);
    const SecretId = arnOf(local, 'demo/database');
    const owner = secretsManager('LOCALOWNER');
    local.setOwningService(SecretId, 'rds');
    await t.resolves(owner.send(new PutResourcePolicyCommand({ SecretId, ResourcePolicy: policyOf(allowMary) })));
    local.setOwningService(SecretId, 'rds', { closed: true });
    const managed = { name: 'InvalidRequestException', message: /managed by another service/ };
    await t.rejects(
      owner.send(new PutResourcePolicyCommand({ SecretId, ResourcePolicy: policyOf(allowMary) })),
      managed,
    );
    await t.rejects(owner.send(new TagResourceCommand({ SecretId, Tags: [{ Key: 'a', Value: 'b' }] })), managed);
    await t.rejects(owner.send(new DeleteSecretCommand({ SecretId })), managed);
    t.match(await owner.send(new DescribeSecretCommand({ SecretId })), { OwningService: 'rds' });
    const Filters = [{ Key: 'owning-service' as const, Values: ['rds'] }];
    t.match((await owner.send(new ListSecretsCommand({ Filters }))).SecretList, [{ Name: 'demo/database' }]);
  },
);

t.test('a replica follows its primary and refuses to be changed itself', async (t) => {
  const { local, secretsManager } = await start(t);
  const primary = arnOf(local, 'demo/database');
  const replica = primary.replace('us-east-1', 'eu-west-1');
  const [owner, abroad] = [secretsManager('LOCALOWNER'), secretsManager('LOCALOWNER', 'eu-west-1')];
  const AddReplicaRegions = [{ Region: 'eu-west-1' }];
  const answer = await owner.send(new ReplicateSecretToRegionsCommand({ SecretId: primary, AddReplicaRegions }));
  matchList(t, answer.ReplicationStatus, [
    { Region: 'eu-west-1', Status: 'InSync', KmsKeyId: 'alias/aws/secretsmanager' },
  ]);
  await owner.send(new PutResourcePolicyCommand({ SecretId: primary, ResourcePolicy: policyOf(allowMary) }));

  t.match(await abroad.send(new DescribeSecretCommand({ SecretId: 'demo/database' })), {
    ARN: replica,
    PrimaryRegion: 'us-east-1',
  });
  t.match((await abroad.send(new GetResourcePolicyCommand({ SecretId: replica }))).ResourcePolicy, 'user/Mary');
  await t.resolves(abroad.send(new GetSecretValueCommand({ SecretId: replica })));
  await t.resolves(secretsManager('LOCALMARY').send(new GetSecretValueCommand({ SecretId: primary })));
  await t.rejects(secretsManager('LOCALMARY', 'eu-west-1').send(new GetSecretValueCommand({ SecretId: replica })), {
    name: 'InvalidRequestException',
    message: /default KMS service key/,
  });
  const refused = { name: 'InvalidParameterException', message: /Operation not permitted on a replica secret/ };
  const ResourcePolicy = policyOf(allowMary);
  await t.rejects(abroad.send(new PutResourcePolicyCommand({ SecretId: replica, ResourcePolicy })), refused);
  await t.rejects(abroad.send(new PutSecretValueCommand({ SecretId: replica, SecretString: 'x' })), refused);
  await t.rejects(owner.send(new DeleteSecretCommand({ SecretId: primary })), { message: /still has replica regions/ });
  t.match((await abroad.send(new ListSecretsCommand({}))).SecretList, [{ ARN: replica }]);
  await t.rejects(
    owner.send(
      new ReplicateSecretToRegionsCommand({ SecretId: primary, AddReplicaRegions: [{ Region: 'us-east-1' }] }),
    ),
    { message: 'Invalid replica region.' },
  );
});

t.test('tags are added, replaced and removed', async (t) => {
  const { secretsManager } = await start(t);
  const owner = secretsManager('LOCALOWNER');
  const SecretId = 'demo/database';
  await owner.send(
    new TagResourceCommand({
      SecretId,
      Tags: [
        { Key: 'team', Value: 'core' },
        { Key: 'x', Value: '' },
      ],
    }),
  );
  await owner.send(new UntagResourceCommand({ SecretId, TagKeys: ['x'] }));
  t.same((await owner.send(new DescribeSecretCommand({ SecretId }))).Tags, [{ Key: 'team', Value: 'core' }]);
});

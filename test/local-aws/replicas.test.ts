import {
  CreateSecretCommand,
  DeleteSecretCommand,
  DescribeSecretCommand,
  GetResourcePolicyCommand,
  GetSecretValueCommand,
  PutResourcePolicyCommand,
  PutSecretValueCommand,
  RemoveRegionsFromReplicationCommand,
  ReplicateSecretToRegionsCommand,
  StopReplicationToReplicaCommand,
} from '@aws-sdk/client-secrets-manager';
import t, { type Test } from 'tap';
import { allowMary, policyOf, start } from './start.ts';

const MISSING = { name: 'ResourceNotFoundException' };
const replicated = async (t: Test) => {
  const aws = await start(t);
  const [owner, abroad] = [aws.secretsManager('LOCALOWNER'), aws.secretsManager('LOCALOWNER', 'eu-west-1')];
  const AddReplicaRegions = [{ Region: 'eu-west-1' }];
  const { ARN = '' } = await owner.send(
    new CreateSecretCommand({ Name: 'wide', SecretString: 'value', AddReplicaRegions }),
  );
  return { ...aws, owner, abroad, SecretId: ARN, replica: ARN.replace('us-east-1', 'eu-west-1') };
};

t.test('the answer to a creation has the members of the model, whatever replicas there are', async (t) => {
  const { local } = await start(t);
  const wide = { Name: 'wide', SecretString: 'value', AddReplicaRegions: [{ Region: 'eu-west-1' }] };
  const answer = local.call('LOCALOWNER', 'us-east-1', 'secretsmanager', 'CreateSecret', wide);
  t.strictSame(Object.keys(answer), ['ARN', 'Name', 'VersionId', 'ReplicationStatus']);
});

t.test('a secret can be deleted once its replicas are removed', async (t) => {
  const { owner, abroad, SecretId, replica } = await replicated(t);
  await t.rejects(owner.send(new DeleteSecretCommand({ SecretId })), {
    message: `You can't delete secret ${SecretId} that still has replica regions [eu-west-1].`,
  });
  const removed = await owner.send(
    new RemoveRegionsFromReplicationCommand({ SecretId, RemoveReplicaRegions: ['eu-west-1'] }),
  );
  t.same([removed.ARN, removed.ReplicationStatus], [SecretId, []]);
  await t.rejects(abroad.send(new DescribeSecretCommand({ SecretId: replica })), MISSING);
  await t.resolves(owner.send(new DeleteSecretCommand({ SecretId, ForceDeleteWithoutRecovery: true })));
});

t.test('a promoted replica keeps its ARN, value and policy, and follows nobody', async (t) => {
  const { owner, abroad, SecretId, replica } = await replicated(t);
  await owner.send(new PutResourcePolicyCommand({ SecretId, ResourcePolicy: policyOf(allowMary) }));
  await t.rejects(owner.send(new StopReplicationToReplicaCommand({ SecretId })), { name: 'InvalidRequestException' });
  t.equal((await abroad.send(new StopReplicationToReplicaCommand({ SecretId: replica }))).ARN, replica);
  await owner.send(new PutSecretValueCommand({ SecretId, SecretString: 'newer' }));
  t.match(await abroad.send(new GetSecretValueCommand({ SecretId: replica })), { SecretString: 'value' });
  t.match((await abroad.send(new GetResourcePolicyCommand({ SecretId: replica }))).ResourcePolicy, 'user/Mary');
  t.notOk((await abroad.send(new DescribeSecretCommand({ SecretId: replica }))).PrimaryRegion);
  await t.resolves(owner.send(new DeleteSecretCommand({ SecretId })));
  await t.resolves(abroad.send(new PutSecretValueCommand({ SecretId: replica, SecretString: 'own' })));
});

t.test('ForceOverwriteReplicaSecret replaces a secret of that name in the other Region', async (t) => {
  const { secretsManager } = await start(t);
  const [owner, abroad] = [secretsManager('LOCALOWNER'), secretsManager('LOCALOWNER', 'eu-west-1')];
  await abroad.send(new CreateSecretCommand({ Name: 'demo/database', SecretString: 'theirs' }));
  const replicate = (ForceOverwriteReplicaSecret: boolean) =>
    owner.send(
      new ReplicateSecretToRegionsCommand({
        SecretId: 'demo/database',
        AddReplicaRegions: [{ Region: 'eu-west-1' }],
        ForceOverwriteReplicaSecret,
      }),
    );
  const [failed] = (await replicate(false)).ReplicationStatus ?? [];
  t.match(failed, { Status: 'Failed', StatusMessage: /already exists in region eu-west-1/ });
  const [status] = (await replicate(true)).ReplicationStatus ?? [];
  t.match(status, { Status: 'InSync' });
  t.match(await abroad.send(new GetSecretValueCommand({ SecretId: 'demo/database' })), {
    SecretString: /not-a-real-password/,
  });
});

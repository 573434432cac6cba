import { CreateGrantCommand, DescribeKeyCommand, ListGrantsCommand, RevokeGrantCommand } from '@aws-sdk/client-kms';
import {
  DeleteResourcePolicyCommand,
  GetResourcePolicyCommand,
  GetSecretValueCommand,
  PutResourcePolicyCommand,
} from '@aws-sdk/client-secrets-manager';
import t, { type Test } from 'tap';
import { allowMary, arnOf, MARY, policyOf, start } from './start.ts';

const LAG = 5000;

async function lagging(t: Test) {
  let now = new Date('2026-01-01T00:00:00Z');
  const aws = await start(t, { lagMs: LAG, clock: () => now });
  return { ...aws, pass: (ms: number) => (now = new Date(now.getTime() + ms)) };
}

t.test('with a lag, what is written of a policy is seen later, by its readers too', async (t) => {
  const { local, secretsManager, pass } = await lagging(t);
  const SecretId = arnOf(local, 'demo/database');
  const owner = secretsManager('LOCALOWNER');
  const read = () => secretsManager('LOCALMARY').send(new GetSecretValueCommand({ SecretId }));
  const seen = async () => (await owner.send(new GetResourcePolicyCommand({ SecretId }))).ResourcePolicy;
  await owner.send(new PutResourcePolicyCommand({ SecretId, ResourcePolicy: policyOf(allowMary) }));
  t.equal(await seen(), undefined);
  await t.rejects(read(), { name: 'AccessDeniedException' });
  pass(LAG - 1);
  await t.rejects(read(), { name: 'AccessDeniedException' });
  pass(1);
  t.match(await seen(), 'user/Mary');
  await t.resolves(read());
  await owner.send(new DeleteResourcePolicyCommand({ SecretId }));
  await t.resolves(read(), 'its end is seen later too');
  pass(LAG);
  await t.rejects(read(), { name: 'AccessDeniedException' });
});

t.test('with a lag, a grant is listed at once and allows later, and ends later', async (t) => {
  const { local, secretsManager, kms, pass } = await lagging(t);
  const keys = kms('LOCALOWNER');
  const { KeyMetadata } = await keys.send(new DescribeKeyCommand({ KeyId: 'alias/private' }));
  const KeyId = KeyMetadata?.Arn ?? '';
  const SecretId = arnOf(local, 'demo/default-key');
  local.call('LOCALOWNER', 'us-east-1', 'secretsmanager', 'UpdateSecret', { SecretId, KmsKeyId: KeyId });
  local.call('LOCALOWNER', 'us-east-1', 'secretsmanager', 'PutSecretValue', { SecretId, SecretString: 'x' });
  const put = { SecretId, ResourcePolicy: policyOf(allowMary) };
  local.call('LOCALOWNER', 'us-east-1', 'secretsmanager', 'PutResourcePolicy', put);
  pass(LAG);
  const read = () => secretsManager('LOCALMARY').send(new GetSecretValueCommand({ SecretId }));
  const grants = async () => (await keys.send(new ListGrantsCommand({ KeyId }))).Grants?.length;
  const denied = { message: 'Access to KMS is not allowed' };
  await t.rejects(read(), denied);
  const { GrantId } = await keys.send(
    new CreateGrantCommand({ KeyId, GranteePrincipal: MARY, Operations: ['Decrypt'] }),
  );
  t.equal(await grants(), 1);
  await t.rejects(read(), denied);
  pass(LAG);
  await t.resolves(read());
  await keys.send(new RevokeGrantCommand({ KeyId, GrantId }));
  t.equal(await grants(), 0);
  await t.rejects(keys.send(new RevokeGrantCommand({ KeyId, GrantId })), { name: 'NotFoundException' });
  await t.resolves(read(), 'for a while');
  pass(LAG);
  await t.rejects(read(), denied);
});

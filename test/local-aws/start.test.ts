import { join } from 'node:path';
import { DescribeKeyCommand } from '@aws-sdk/client-kms';
import { GetResourcePolicyCommand, GetSecretValueCommand, ListSecretsCommand } from '@aws-sdk/client-secrets-manager';
import t from 'tap';
import { seed, startLocalAws } from '../../src/local-aws/index.ts';
import { allowMary, arnOf, policyOf, start } from './start.ts';

t.test('it starts on loopback only, never in production, and says that a port is taken', async (t) => {
  await t.rejects(startLocalAws({ host: '0.0.0.0', port: 0, file: ':memory:' }), { message: /loopback only/ });
  const before = process.env['NODE_ENV'];
  t.teardown(() => {
    if (before === undefined) delete process.env['NODE_ENV'];
    else process.env['NODE_ENV'] = before;
  });
  process.env['NODE_ENV'] = 'production';
  await t.rejects(startLocalAws({ port: 0, file: ':memory:' }), { message: /production/ });
  process.env['NODE_ENV'] = 'test';
  const { local } = await start(t);
  await t.rejects(startLocalAws({ port: Number(new URL(local.url).port), file: ':memory:' }), { code: 'EADDRINUSE' });
});

t.test('data survive a restart, and seeding again overwrites nothing', async (t) => {
  const file = join(t.testdir(), 'local-aws.sqlite');
  const first = await startLocalAws({ port: 0, file });
  seed(first);
  const SecretId = arnOf(first, 'demo/database');
  const owner = (operation: string, input: object) =>
    first.call('LOCALOWNER', 'us-east-1', 'secretsmanager', operation, input);
  owner('PutResourcePolicy', { SecretId, ResourcePolicy: policyOf(allowMary) });
  owner('PutSecretValue', { SecretId, SecretString: 'changed' });
  await first.close();

  const { local, secretsManager } = await start(t, { file });
  t.equal(arnOf(local, 'demo/database'), SecretId);
  const mary = secretsManager('LOCALMARY');
  t.match(await mary.send(new GetSecretValueCommand({ SecretId })), { SecretString: 'changed' });
  t.match((await mary.send(new GetResourcePolicyCommand({ SecretId }))).ResourcePolicy, 'user/Mary');
});

t.test('requests that are none are refused as AWS refuses them', async (t) => {
  const { local, secretsManager, kms } = await start(t);
  const unknown = {
    name: 'UnrecognizedClientException',
    message: 'The security token included in the request is invalid.',
  };
  await t.rejects(secretsManager('NOBODY').send(new ListSecretsCommand({})), unknown);
  await t.rejects(kms('NOBODY').send(new DescribeKeyCommand({ KeyId: 'alias/demo' })), unknown);

  const authorization =
    'AWS4-HMAC-SHA256 Credential=LOCALOWNER/20260101/us-east-1/secretsmanager/aws4_request, SignedHeaders=host, Signature=0';
  const post = async (target: string, body: string, headers: Record<string, string> = { authorization }) => {
    const response = await fetch(local.url, {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': target, ...headers },
    });
    t.match(response.headers.get('x-amzn-requestid'), /^[0-9a-f-]{36}$/);
    return { status: response.status, ...(JSON.parse(await response.text()) as object) };
  };
  t.match(await post('secretsmanager.Nonsense', '{}'), { status: 400, __type: 'UnknownOperationException' });
  t.match(await post('secretsmanager.toString', '{}'), { __type: 'UnknownOperationException' });
  t.match(await post('DynamoDB_20120810.ListTables', '{}'), { __type: 'UnknownOperationException' });
  t.match(await post('secretsmanager.ListSecrets', '{'), { status: 400, __type: 'SerializationException' });
  t.match(await post('secretsmanager.ListSecrets', '{"MaxResults":"1"}'), { __type: 'SerializationException' });
  t.match(await post('secretsmanager.ListSecrets', '{"MaxResults":null,"Unknown":1}'), { status: 200 });
  t.match(await post('secretsmanager.DescribeSecret', '{}'), {
    __type: 'ValidationException',
    Message:
      "1 validation error detected: Value null at 'secretId' failed to satisfy constraint: Member must not be null",
  });
  t.match(await post('secretsmanager.ListSecrets', '{}', {}), { __type: 'MissingAuthenticationTokenException' });
  t.match(await post('secretsmanager.ListSecrets', '{}', { authorization: 'Bearer x' }), {
    __type: 'IncompleteSignatureException',
  });
  t.match(await post('secretsmanager.ListSecrets', `{"NextToken":"${'x'.repeat(1024 * 1024)}"}`), {
    status: 413,
    __type: 'RequestEntityTooLargeException',
  });
});

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import {
  DeleteResourcePolicyCommand,
  DescribeSecretCommand,
  GetResourcePolicyCommand,
  GetSecretValueCommand,
  ListSecretsCommand,
  PutResourcePolicyCommand,
} from '@aws-sdk/client-secrets-manager';
import t from 'tap';
import { allowMary, arnOf, denyMary, MARY, policyOf, start } from './start.ts';

t.test('Mary reads after the share, and no longer after the deny', async (t) => {
  const { local, secretsManager } = await start(t);
  const SecretId = arnOf(local, 'demo/database');
  const [mary, service] = [secretsManager('LOCALMARY'), secretsManager('LOCALSERVICE')];
  const read = () => mary.send(new GetSecretValueCommand({ SecretId }));
  const put = (...statements: object[]) =>
    service.send(
      new PutResourcePolicyCommand({ SecretId, ResourcePolicy: policyOf(...statements), BlockPublicPolicy: true }),
    );

  await t.rejects(read(), {
    name: 'AccessDeniedException',
    message: `User: ${MARY} is not authorized to perform: secretsmanager:GetSecretValue on resource: ${SecretId} because no resource-based policy allows the secretsmanager:GetSecretValue action`,
    $metadata: { httpStatusCode: 400 },
  });
  await put(allowMary);
  t.match(await read(), { ARN: SecretId, SecretString: /not-a-real-password/, VersionStages: ['AWSCURRENT'] });
  t.match(await mary.send(new DescribeSecretCommand({ SecretId })), { Name: 'demo/database' });
  await put(allowMary, denyMary);
  await t.rejects(read(), {
    name: 'AccessDeniedException',
    message: /with an explicit deny in a resource-based policy$/,
  });
  await service.send(new DeleteResourcePolicyCommand({ SecretId }));
  await t.rejects(read(), { name: 'AccessDeniedException', message: /because no resource-based policy allows/ });
  t.equal((await service.send(new GetResourcePolicyCommand({ SecretId }))).ResourcePolicy, undefined);
});

t.test('both sides of two accounts must allow, one side of one account suffices', async (t) => {
  const { local, secretsManager } = await start(t);
  const SecretId = arnOf(local, 'demo/database');
  const read = (key: string) => secretsManager(key).send(new GetSecretValueCommand({ SecretId }));
  const put = (statement: object) =>
    secretsManager('LOCALOWNER').send(new PutResourcePolicyCommand({ SecretId, ResourcePolicy: policyOf(statement) }));
  local.directory.createUser({ arn: 'arn:aws:iam::111111111111:user/bare', policies: [], accessKeyId: 'LOCALBARE' });
  local.directory.setIdentityPolicies(MARY, []);

  await t.resolves(read('LOCALOWNER'), 'the administrator by identity policy');
  await t.rejects(
    read('LOCALSERVICE'),
    { message: /no identity-based policy allows/ },
    'the service never reads values',
  );
  await put({ ...allowMary, Principal: { AWS: [MARY, 'arn:aws:iam::111111111111:user/bare'] } });
  await t.rejects(read('LOCALMARY'), { message: /because no identity-based policy allows/ });
  await t.rejects(read('LOCALBARE'), { message: 'Access to KMS is not allowed' }, 'the key still wants its own leg');
  local.directory.setIdentityPolicies('arn:aws:iam::111111111111:user/bare', [
    { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: 'kms:Decrypt', Resource: '*' }] },
  ]);
  t.match(await read('LOCALBARE'), { Name: 'demo/database' });
});

t.test('conditions see the real request', async (t) => {
  let now = new Date('2026-03-01T12:00:00Z');
  const { local, secretsManager } = await start(t, { clock: () => now });
  const SecretId = arnOf(local, 'demo/database');
  const read = (key: string, extra: object = {}) =>
    secretsManager(key).send(new GetSecretValueCommand({ SecretId, ...extra }));
  const put = (Condition: object, Principal: unknown = '*') =>
    secretsManager('LOCALSERVICE').send(
      new PutResourcePolicyCommand({
        SecretId,
        ResourcePolicy: policyOf({ ...allowMary, Principal, Condition }),
        BlockPublicPolicy: true,
      }),
    );

  await put({ StringEquals: { 'aws:PrincipalOrgID': 'o-local00001' } });
  await t.resolves(read('LOCALMARY'), 'of the organisation');
  await t.rejects(read('LOCALAPP'), { name: 'AccessDeniedException' }, 'not of the organisation');
  await put({ ArnEquals: { 'aws:PrincipalArn': 'arn:aws:iam::222222222222:role/app' } });
  await t.resolves(read('LOCALAPP'), 'a session by its role');
  await put({ DateLessThan: { 'aws:CurrentTime': '2026-03-01T13:00:00Z' } }, { AWS: MARY });
  await t.resolves(read('LOCALMARY'), 'before the expiry');
  now = new Date('2026-03-01T13:00:01Z');
  await t.rejects(read('LOCALMARY'), { name: 'AccessDeniedException' }, 'after the expiry');
  await put({ StringEquals: { 'secretsmanager:VersionStage': 'AWSCURRENT' } }, { AWS: MARY });
  await t.rejects(read('LOCALMARY'), { name: 'AccessDeniedException' }, 'no stage named');
  await t.resolves(read('LOCALMARY', { VersionStage: 'AWSCURRENT' }));
  await put({ StringEquals: { 'secretsmanager:ResourceTag/team': 'payments' } }, { AWS: MARY });
  await t.resolves(read('LOCALMARY'));
  await put({ IpAddress: { 'aws:SourceIp': '192.0.2.0/24' } }, { AWS: MARY });
  await t.rejects(read('LOCALMARY'), { name: 'AccessDeniedException' }, 'from another address');
  await put({ StringEquals: { 'aws:SourceVpce': 'vpce-0123456789abcdef0' } }, { AWS: MARY });
  await t.rejects(read('LOCALMARY'), { name: 'AccessDeniedException' }, 'not through an endpoint');
});

t.test('another account finds a secret by ARN only', async (t) => {
  const { local, secretsManager } = await start(t);
  const arn = arnOf(local, 'demo/database');
  local.call('LOCALOWNER', 'us-east-1', 'secretsmanager', 'PutResourcePolicy', {
    SecretId: arn,
    ResourcePolicy: policyOf(allowMary),
  });
  const describe = (SecretId: string) => secretsManager('LOCALMARY').send(new DescribeSecretCommand({ SecretId }));
  await t.rejects(describe('demo/database'), { name: 'ResourceNotFoundException' });
  await t.resolves(describe(arn));
  await t.resolves(describe(arn.slice(0, -7)), 'partial ARN');
  await t.rejects(describe(`${arn.slice(0, -6)}AAAAAA`), { name: 'AccessDeniedException' }, 'nothing is given away');
  t.same((await secretsManager('LOCALMARY').send(new ListSecretsCommand({}))).SecretList, []);
});

const run = promisify(execFile);
const cli = await run('aws', ['--version']).then(
  () => true,
  () => false,
);

t.test('the AWS CLI reads as Mary', { skip: cli ? false : 'the AWS CLI is not on the PATH' }, async (t) => {
  const { local } = await start(t);
  const SecretId = arnOf(local, 'demo/database');
  const aws = (key: string, ...words: string[]) =>
    run('aws', ['--region', 'us-east-1', '--endpoint-url', local.url, '--output', 'json', ...words], {
      env: { ...process.env, AWS_ACCESS_KEY_ID: key, AWS_SECRET_ACCESS_KEY: 'x', AWS_EC2_METADATA_DISABLED: 'true' },
    });
  const read = () => aws('LOCALMARY', 'secretsmanager', 'get-secret-value', '--secret-id', SecretId);
  await t.rejects(read(), { message: /AccessDeniedException.*no resource-based policy allows/ });
  const put = [
    'secretsmanager',
    'put-resource-policy',
    '--block-public-policy',
    '--secret-id',
    SecretId,
    '--resource-policy',
  ];
  await aws('LOCALSERVICE', ...put, policyOf(allowMary));
  t.match(JSON.parse((await read()).stdout), { Name: 'demo/database', ARN: SecretId });
  await aws('LOCALSERVICE', ...put, policyOf(allowMary, denyMary));
  await t.rejects(read(), { message: /with an explicit deny in a resource-based policy/ });
  const identity = await aws('LOCALSERVICE', 'sts', 'get-caller-identity');
  t.match(JSON.parse(identity.stdout), { Account: '111111111111', Arn: /assumed-role\/secret-access-service\// });
  const key = await aws('LOCALOWNER', 'kms', 'describe-key', '--key-id', 'alias/demo');
  t.match(JSON.parse(key.stdout), { KeyMetadata: { KeyManager: 'CUSTOMER', AWSAccountId: '111111111111' } });
});

import {
  CancelRotateSecretCommand,
  DescribeSecretCommand,
  GetSecretValueCommand,
  PutResourcePolicyCommand,
  PutSecretValueCommand,
  RotateSecretCommand,
  type RotateSecretCommandInput,
} from '@aws-sdk/client-secrets-manager';
import t, { type Test } from 'tap';
import { arnOf, policyOf, start } from './start.ts';

const RotationLambdaARN = 'arn:aws:lambda:us-east-1:111111111111:function:rotate-demo';
const ROLE = 'arn:aws:iam::111111111111:role/service-role/rotate-demo';
const TOKEN = '00000000-0000-4000-8000-000000000001';

const begin = async (t: Test) => {
  const aws = await start(t, { clock: () => new Date('2026-01-01T12:00:00Z') });
  const SecretId = arnOf(aws.local, 'demo/database');
  aws.local.directory.createRole({
    arn: ROLE,
    policies: [
      {
        Version: '2012-10-17',
        Statement: {
          Effect: 'Allow',
          Action: ['secretsmanager:*', 'kms:Decrypt', 'kms:GenerateDataKey'],
          Resource: '*',
        },
      },
    ],
  });
  aws.local.directory.createFunction(RotationLambdaARN, ROLE);
  const owner = aws.secretsManager('LOCALOWNER');
  const rotate = (input: Partial<RotateSecretCommandInput> = {}) =>
    owner.send(new RotateSecretCommand({ SecretId, RotationLambdaARN, ClientRequestToken: TOKEN, ...input }));
  const describe = () => owner.send(new DescribeSecretCommand({ SecretId }));
  return { ...aws, owner, SecretId, rotate, describe };
};

t.test('a rotation makes a new current value, with the calls of the role of its function', async (t) => {
  const { local, owner, SecretId, rotate, describe } = await begin(t);
  t.match(await rotate({ RotationRules: { AutomaticallyAfterDays: 30 } }), { ARN: SecretId, VersionId: TOKEN });
  t.equal(local.rotationFault(SecretId), undefined);
  const value = await owner.send(new GetSecretValueCommand({ SecretId }));
  t.match(value, { VersionId: TOKEN, SecretString: /^\{"username":"demo","password":"[a-z0-9]{32}"\}$/ });
  t.match(await describe(), {
    RotationEnabled: true,
    RotationLambdaARN,
    RotationRules: { AutomaticallyAfterDays: 30 },
    LastRotatedDate: new Date('2026-01-01T12:00:00Z'),
    NextRotationDate: new Date('2026-01-31T12:00:00Z'),
  });
});

t.test('a policy that denies the role of the function stops the rotation', async (t) => {
  const { local, owner, SecretId, rotate, describe } = await begin(t);
  const deny = {
    Effect: 'Deny',
    Action: 'secretsmanager:UpdateSecretVersionStage',
    Principal: { AWS: ROLE },
    Resource: '*',
  };
  await owner.send(new PutResourcePolicyCommand({ SecretId, ResourcePolicy: policyOf(deny) }));
  await t.resolves(rotate(), 'AWS answers before the function has ended');
  t.match(
    local.rotationFault(SecretId),
    /^AccessDeniedException: User: arn:aws:sts::111111111111:assumed-role\/rotate-demo\/rotate-demo is not authorized/,
  );
  t.same((await describe()).VersionIdsToStages?.[TOKEN], ['AWSPENDING']);
  await t.rejects(rotate(), { name: 'InvalidRequestException', message: /previous rotation isn't complete/ });
});

t.test('a function that nobody has made is not invoked, and the stand-in says so', async (t) => {
  const { local, SecretId, rotate, describe } = await begin(t);
  await rotate({ RotationLambdaARN: `${RotationLambdaARN}-2` });
  t.match(local.rotationFault(SecretId), /none was invoked/);
  t.notOk((await describe()).LastRotatedDate);
});

t.test('rules alone do not rotate, and a rotation that is cancelled keeps its function', async (t) => {
  const { owner, SecretId, rotate, describe } = await begin(t);
  await t.rejects(rotate({ RotationLambdaARN: undefined }), { name: 'InvalidRequestException' }, 'without a function');
  const both = { AutomaticallyAfterDays: 1, ScheduleExpression: 'rate(4 hours)' };
  await t.rejects(rotate({ RotationRules: both }), { name: 'InvalidParameterException' });
  const later = await rotate({ RotateImmediately: false, RotationRules: { ScheduleExpression: 'rate(4 hours)' } });
  t.notOk(later.VersionId);
  t.match(await describe(), { RotationEnabled: true, NextRotationDate: new Date('2026-01-01T16:00:00Z') });
  await owner.send(new CancelRotateSecretCommand({ SecretId }));
  t.match(await describe(), { RotationEnabled: false, RotationLambdaARN });
  await t.resolves(rotate({ RotationLambdaARN: undefined }), 'the function is known by now');
});

t.test('a rotation that is not wanted at once is tried with a pending version, which goes again', async (t) => {
  const { local, owner, SecretId, rotate, describe } = await begin(t);
  const before = (await describe()).VersionIdsToStages;
  await rotate({ RotateImmediately: false });
  t.equal(local.rotationFault(SecretId), undefined);
  const deny = { Effect: 'Deny', Action: 'secretsmanager:GetSecretValue', Principal: { AWS: ROLE }, Resource: '*' };
  await owner.send(new PutResourcePolicyCommand({ SecretId, ResourcePolicy: policyOf(deny) }));
  await rotate({ RotateImmediately: false });
  t.match(local.rotationFault(SecretId), /^AccessDeniedException: .*GetSecretValue/, 'the function could not read it');
  t.strictSame((await describe()).VersionIdsToStages, before);
});

t.test('who rotates must be allowed to invoke the function', async (t) => {
  const { local, SecretId, secretsManager } = await begin(t);
  local.directory.createUser({
    arn: 'arn:aws:iam::111111111111:user/rotator',
    policies: [{ Version: '2012-10-17', Statement: { Effect: 'Allow', Action: 'secretsmanager:*', Resource: '*' } }],
    accessKeyId: 'LOCALROTATOR',
  });
  const rotator = secretsManager('LOCALROTATOR');
  await t.rejects(rotator.send(new RotateSecretCommand({ SecretId, RotationLambdaARN })), {
    name: 'AccessDeniedException',
    message: /lambda:InvokeFunction/,
  });
  await t.rejects(rotator.send(new PutSecretValueCommand({ SecretId, SecretString: 'x' })), {
    message: 'Access to KMS is not allowed',
  });
});

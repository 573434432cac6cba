import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { CreateKeyCommand, KMSClient, PutKeyPolicyCommand } from '@aws-sdk/client-kms';
import { CreateSecretCommand, GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import t, { type Test } from 'tap';
import type { LocalAws } from '../../src/local-aws/index.ts';
import type { PolicyDocument } from '../../src/policy/document.ts';
import { build } from '../helper.ts';

const OPERATIONS = readFileSync('docs/operations.md', 'utf8');
const DOCUMENTED = /^sed .*iam-policy\.json$/m.exec(OPERATIONS)?.[0] ?? '';

/** The service's policy for a partition: what the command in docs/operations.md prints. */
const policyFor = (partition: string): PolicyDocument =>
  JSON.parse(execFileSync('sh', ['-c', DOCUMENTED.replace('arn:aws-cn:', `arn:${partition}:`)], { encoding: 'utf8' }));

const EVERYTHING: PolicyDocument = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }],
};

/** The service at work in one partition, on a secret of that partition under a key for nobody else. */
async function world(t: Test, partition: string, region: string) {
  const arn = (account: string, name: string) => `arn:${partition}:iam::${account}:${name}`;
  const [service, owner, reader] = [
    arn('111111111111', 'role/service'),
    arn('111111111111', 'user/administrator'),
    arn('123456789999', 'user/reader'),
  ];
  let url = '';
  const { call } = await build(t, {
    env: { AWS_REGION: region, ASSUME_ROLE_NAME: '', ASSUME_ROLE_EXTERNAL_ID: '' },
    overrides: { aws: { credentials: { accessKeyId: 'SERVICE', secretAccessKey: 'x' } } },
    endpoint: (aws: LocalAws) => {
      aws.directory.createRole({ arn: service, accessKeyId: 'SERVICE', policies: [policyFor(partition)] });
      aws.directory.createUser({ arn: owner, accessKeyId: 'OWNER', policies: [EVERYTHING] });
      aws.directory.createUser({ arn: reader, accessKeyId: 'READER', policies: [EVERYTHING] });
      url = aws.url;
      return aws.url;
    },
  });
  const settings = (accessKeyId: string) => ({
    region,
    endpoint: url,
    credentials: { accessKeyId, secretAccessKey: 'x' },
  });
  const [kms, owners, readers] = [
    new KMSClient(settings('OWNER')),
    new SecretsManagerClient(settings('OWNER')),
    new SecretsManagerClient(settings('READER')),
  ];
  t.teardown(() => {
    for (const client of [kms, owners, readers]) client.destroy();
  });
  const { KeyMetadata } = await kms.send(new CreateKeyCommand({}));
  const KeyId = KeyMetadata?.Arn ?? '';
  const { ARN: SecretId = '' } = await owners.send(
    new CreateSecretCommand({ Name: 'there', KmsKeyId: KeyId, SecretString: 'value' }),
  );
  const path = `/v1/secrets/${encodeURIComponent(SecretId)}`;
  return {
    call,
    path,
    reader,
    share: (body: object = {}) => call('POST', `${path}/shares`, { principal: reader, ...body }),
    reads: () =>
      readers.send(new GetSecretValueCommand({ SecretId })).then(
        () => true,
        () => false,
      ),
    putKeyPolicy: (statement: object) => {
      const root = { Effect: 'Allow', Principal: { AWS: arn('111111111111', 'root') }, Action: 'kms:*', Resource: '*' };
      const Policy = JSON.stringify({ Version: '2012-10-17', Statement: [root, statement] });
      return kms.send(new PutKeyPolicyCommand({ KeyId, Policy }));
    },
  };
}

const PARTITIONS = [
  ['aws', 'eu-central-1'],
  ['aws-cn', 'cn-north-1'],
  ['aws-us-gov', 'us-gov-west-1'],
] as const;

for (const [partition, region] of PARTITIONS) {
  t.test(
    `under its policy for ${partition} the service shares, denies and grants there, and reads no value`,
    async (t) => {
      const { call, path, reader, share, reads } = await world(t, partition, region);
      const shared = await share({ grantKey: true });
      t.equal(shared.status, 201, shared.body);
      t.match(shared.json.legs, [{ status: 'done' }, { leg: 'keyPolicy', status: 'done', region }, {}]);
      t.equal(await reads(), true);
      t.equal((await call('POST', `${path}/denials`, { principal: reader })).status, 201);
      t.equal(await reads(), false);
      t.equal((await call('DELETE', `${path}/shares/${shared.json.share.id}`)).status, 200);
      t.equal((await call('GET', '/v1/audit-events?action=revokeGrant')).json.items.length, 2);
    },
  );

  t.test(`the statement for a key in ${partition} opens it`, async (t) => {
    const { share, reads, putKeyPolicy } = await world(t, partition, region);
    const { statement } = (await share()).json.legs[1];
    const one = `secretsmanager.${region}.amazonaws.com`;
    const expected = partition === 'aws-cn' ? [one, `${one}.cn`] : one;
    t.same(statement.Condition.StringEquals['kms:ViaService'], expected);
    await putKeyPolicy(statement);
    t.equal(await reads(), true);
  });
}

for (const suffix of ['amazonaws.com', 'amazonaws.com.cn']) {
  t.test(`in China a statement for ${suffix} alone may open the key: nobody knows`, async (t) => {
    const { share, reader, putKeyPolicy } = await world(t, 'aws-cn', 'cn-north-1');
    const Condition = { StringEquals: { 'kms:ViaService': `secretsmanager.cn-north-1.${suffix}` } };
    await putKeyPolicy({
      Effect: 'Allow',
      Principal: { AWS: reader },
      Action: 'kms:Decrypt',
      Resource: '*',
      Condition,
    });
    t.match((await share()).json.legs[1], { status: 'unknown', detail: /kms:ViaService/ });
  });
}

t.test('a statement for every value that kms:ViaService may have in China opens the key for certain', async (t) => {
  const { share, reader, putKeyPolicy } = await world(t, 'aws-cn', 'cn-north-1');
  const Condition = { StringLike: { 'kms:ViaService': 'secretsmanager.cn-north-1.amazonaws.com*' } };
  await putKeyPolicy({ Effect: 'Allow', Principal: { AWS: reader }, Action: 'kms:Decrypt', Resource: '*', Condition });
  t.match((await share()).json.legs[1], { status: 'done' });
});

t.test('of another partition the service’s policy lets it do nothing', async (t) => {
  t.notSame(policyFor('aws-cn'), policyFor('aws'));
  for (const [partition] of PARTITIONS) {
    const others = PARTITIONS.filter(([other]) => other !== partition).map(([other]) => `arn:${other}:`);
    const text = JSON.stringify(policyFor(partition));
    for (const other of others) t.notOk(text.includes(other), `${partition} without ${other}`);
  }
  t.same(policyFor('aws'), JSON.parse(readFileSync('docs/iam-policy.json', 'utf8')), 'what local mode enforces');
});

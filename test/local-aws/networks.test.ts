import t from 'tap';
import { arnOf, MARY, policyOf, start } from './start.ts';

const VPC = { vpc: 'vpc-0b0b0b0b', vpcEndpoint: 'vpce-0a0a0a0a', vpcSourceIp: '10.0.0.7' };

t.test('a call comes from an address of the internet, or through a VPC endpoint: never both', async (t) => {
  const { local } = await start(t);
  const SecretId = arnOf(local, 'demo/database');
  const readUnder = (Condition: object, network?: Parameters<typeof local.call>[5]) => {
    const allow = { Effect: 'Allow', Principal: { AWS: MARY }, Action: 'secretsmanager:GetSecretValue', Resource: '*' };
    const ResourcePolicy = policyOf({ ...allow, Condition });
    local.call('LOCALOWNER', 'us-east-1', 'secretsmanager', 'PutResourcePolicy', { SecretId, ResourcePolicy });
    return () => local.call('LOCALMARY', 'us-east-1', 'secretsmanager', 'GetSecretValue', { SecretId }, network);
  };
  const endpoint = { StringEquals: { 'aws:SourceVpce': VPC.vpcEndpoint, 'aws:SourceVpc': VPC.vpc } };
  const address = { IpAddress: { 'aws:SourceIp': '203.0.113.0/24' } };
  t.match(readUnder(endpoint, VPC)(), { Name: 'demo/database' });
  t.match(readUnder(address, { sourceIp: '203.0.113.7' })(), { Name: 'demo/database' });
  t.throws(readUnder(endpoint, { sourceIp: '203.0.113.7' }), /not authorized/);
  t.throws(readUnder(endpoint), /not authorized/);
  t.throws(readUnder(address, VPC), /not authorized/);
  t.match(readUnder({ Null: { 'aws:SourceIp': 'true' } }, VPC)(), { Name: 'demo/database' });
});

t.test('a role has as many sessions as one makes, each under a key of its own', async (t) => {
  const { local } = await start(t);
  const role = 'arn:aws:iam::222222222222:role/app';
  local.directory.createSession(role, 'second', 'LOCALAPP2');
  t.match(local.call('LOCALAPP2', 'us-east-1', 'sts', 'GetCallerIdentity', {}), {
    Arn: 'arn:aws:sts::222222222222:assumed-role/app/second',
  });
  t.throws(() => local.directory.createSession('arn:aws:iam::222222222222:role/none', 's', 'K'), /There is no role/);
});

t.test('a policy that shuts everybody out is kept and given back without asking it', async (t) => {
  const { local } = await start(t);
  const SecretId = arnOf(local, 'demo/database');
  const before = local.keptPolicy(SecretId);
  const shut = { Effect: 'Deny', Principal: '*', Action: 'secretsmanager:*', Resource: '*' };
  const put = (ResourcePolicy: string) =>
    local.call('LOCALOWNER', 'us-east-1', 'secretsmanager', 'PutResourcePolicy', { SecretId, ResourcePolicy });
  put(policyOf(shut));
  t.throws(() => put(policyOf(shut)), /explicit deny/);
  local.keepPolicy(SecretId, before);
  t.match(put(policyOf(shut)), { Name: 'demo/database' });
});

import { AssumeRoleCommand } from '@aws-sdk/client-sts';
import t, { type Test } from 'tap';
import { createIamClient, elementOf, elementsOf } from '../../scripts/verify-aws/iam-client.ts';
import { allowMary, policyOf, start } from './start.ts';

const trust = (AWS: string) =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: { Effect: 'Allow', Principal: { AWS }, Action: 'sts:AssumeRole' },
  });

async function withIam(t: Test) {
  const aws = await start(t, { clock: () => new Date('2026-01-01T12:00:00Z') });
  const as = (accessKeyId: string) =>
    createIamClient(async () => ({ accessKeyId, secretAccessKey: 'any' }), aws.local.url);
  return { ...aws, as, iam: as('LOCALOWNER') };
}

t.test('roles are made, found, assumed and deleted', async (t) => {
  const { iam, as, sts } = await withIam(t);
  const role = { RoleName: 'work' };
  const made = await iam('CreateRole', {
    ...role,
    Path: '/team/',
    AssumeRolePolicyDocument: trust('111111111111'),
    'Tags.member.1.Key': 'team',
    'Tags.member.1.Value': 'core',
  });
  t.equal(elementOf(made, 'Arn'), 'arn:aws:iam::111111111111:role/team/work');
  await t.rejects(iam('CreateRole', { ...role, AssumeRolePolicyDocument: trust('111111111111') }), {
    name: 'EntityAlreadyExists',
  });
  const nobody = trust('arn:aws:iam::111111111111:user/nobody');
  await t.rejects(iam('UpdateAssumeRolePolicy', { ...role, PolicyDocument: nobody }), {
    name: 'MalformedPolicyDocument',
    message: 'Invalid principal in policy',
  });
  const got = await iam('GetRole', role);
  t.equal(elementOf(got, 'CreateDate'), '2026-01-01T12:00:00.000Z', 'by the clock that the stand-in is given');
  t.same([elementOf(got, 'Key'), elementOf(got, 'Value'), elementOf(got, 'Path')], ['team', 'core', '/team/']);
  t.match(decodeURIComponent(elementOf(got, 'AssumeRolePolicyDocument') ?? ''), 'arn:aws:iam::111111111111:root');
  t.same(elementsOf(await iam('ListRoles', { PathPrefix: '/team/' }), 'RoleName'), ['work']);
  const RoleArn = 'arn:aws:iam::111111111111:role/team/work';
  await t.resolves(sts('LOCALOWNER').send(new AssumeRoleCommand({ RoleArn, RoleSessionName: 'session' })));

  const policy = { ...role, PolicyName: 'inline' };
  await t.rejects(iam('PutRolePolicy', { ...policy, PolicyDocument: policyOf(allowMary) }), {
    name: 'MalformedPolicyDocument',
  });
  const { Principal: _, ...statement } = allowMary;
  await iam('PutRolePolicy', { ...policy, PolicyDocument: policyOf(statement) });
  await iam('PutRolePolicy', { ...policy, PolicyDocument: policyOf({ ...statement, Sid: 'Second' }) });
  t.same(elementsOf(await iam('ListRolePolicies', role), 'member'), ['inline'], 'in place of the first');
  t.match(decodeURIComponent(elementOf(await iam('GetRolePolicy', policy), 'PolicyDocument') ?? ''), 'Second');
  await t.rejects(iam('DeleteRole', role), { name: 'DeleteConflict' });
  await iam('DeleteRolePolicy', policy);
  await t.rejects(iam('GetRolePolicy', policy), { name: 'NoSuchEntity' });
  await t.rejects(as('LOCALSERVICE')('DeleteRole', role), { name: 'AccessDenied' });
  await iam('DeleteRole', role);
  await t.rejects(iam('GetRole', role), { name: 'NoSuchEntity' });
});

t.test('users have keys that act as them, until they are deleted', async (t) => {
  const { iam, as } = await withIam(t);
  const user = { UserName: 'ann' };
  await iam('CreateUser', user);
  await iam('PutUserPolicy', {
    ...user,
    PolicyName: 'reads',
    PolicyDocument: policyOf({ Effect: 'Allow', Action: 'iam:Get*', Resource: '*' }),
  });
  const AccessKeyId = elementOf(await iam('CreateAccessKey', user), 'AccessKeyId') ?? '';
  t.match(await as(AccessKeyId)('GetUser', user), 'user/ann');
  await t.rejects(as(AccessKeyId)('ListUsers'), { name: 'AccessDenied' });
  await iam('DeleteAccessKey', { ...user, AccessKeyId });
  await t.rejects(iam('DeleteAccessKey', { ...user, AccessKeyId }), { name: 'NoSuchEntity' });
  await t.rejects(as(AccessKeyId)('GetUser', user), { name: 'InvalidClientTokenId' });
  t.same(elementsOf(await iam('ListUsers'), 'UserName'), ['ann', 'owner']);
  await iam('DeleteUserPolicy', { ...user, PolicyName: 'reads' });
  await iam('DeleteUser', user);
  await t.rejects(iam('GetUser', user), { name: 'NoSuchEntity' });
});

import { GetSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import t, { type Test } from 'tap';
import { createIamClient, elementOf, elementsOf } from '../../scripts/verify-aws/iam-client.ts';
import { policyOf, start } from './start.ts';

const LIMIT = 'arn:aws:iam::111111111111:policy/limit';
const allow = (...Action: string[]) => policyOf({ Effect: 'Allow', Action, Resource: '*' });

async function withAnn(t: Test) {
  const aws = await start(t);
  const as = (accessKeyId: string) =>
    createIamClient(async () => ({ accessKeyId, secretAccessKey: 'any' }), aws.local.url);
  const iam = as('LOCALOWNER');
  await iam('CreateUser', { UserName: 'ann' });
  const AccessKeyId = elementOf(await iam('CreateAccessKey', { UserName: 'ann' }), 'AccessKeyId') ?? '';
  const read = () => aws.secretsManager(AccessKeyId).send(new GetSecretValueCommand({ SecretId: 'demo/api-key' }));
  return { ...aws, iam, read };
}

t.test('managed policies count where they are attached, to a user or to its groups', async (t) => {
  const { iam, read } = await withAnn(t);
  const ann = { UserName: 'ann' };
  await t.rejects(read(), { name: 'AccessDeniedException' });
  await iam('CreatePolicy', { PolicyName: 'limit', PolicyDocument: allow('secretsmanager:*', 'kms:*') });
  await t.rejects(iam('CreatePolicy', { PolicyName: 'limit', PolicyDocument: allow('*') }), {
    name: 'EntityAlreadyExists',
  });
  await iam('AttachUserPolicy', { ...ann, PolicyArn: LIMIT });
  await t.resolves(read());
  await t.rejects(iam('DeletePolicy', { PolicyArn: LIMIT }), { name: 'DeleteConflict' });
  await t.rejects(iam('DeleteUser', ann), { name: 'DeleteConflict' });
  t.same(elementsOf(await iam('ListAttachedUserPolicies', ann), 'PolicyArn'), [LIMIT]);
  await iam('DetachUserPolicy', { ...ann, PolicyArn: LIMIT });
  await t.rejects(read(), { name: 'AccessDeniedException' });

  const group = { GroupName: 'readers' };
  await iam('CreateGroup', group);
  await iam('AddUserToGroup', { ...ann, ...group });
  await iam('AttachGroupPolicy', { ...group, PolicyArn: 'arn:aws:iam::aws:policy/AdministratorAccess' });
  await t.resolves(read());
  t.same(elementsOf(await iam('ListGroupsForUser', ann), 'GroupName'), ['readers']);
  await t.rejects(iam('DeleteGroup', group), { name: 'DeleteConflict' });
  await iam('RemoveUserFromGroup', { ...ann, ...group });
  await t.rejects(read(), { name: 'AccessDeniedException' });
  await iam('PutGroupPolicy', { ...group, PolicyName: 'inline', PolicyDocument: allow('*') });
  t.same(elementsOf(await iam('ListGroupPolicies', group), 'member'), ['inline']);
  await t.rejects(iam('AttachUserPolicy', { ...ann, PolicyArn: `${LIMIT}s` }), { name: 'NoSuchEntity' });
});

t.test('of a managed policy its default version counts', async (t) => {
  const { iam, read } = await withAnn(t);
  const policy = { PolicyArn: LIMIT };
  await iam('CreatePolicy', { PolicyName: 'limit', PolicyDocument: allow('sts:*') });
  await iam('AttachUserPolicy', { UserName: 'ann', ...policy });
  await iam('CreatePolicyVersion', { ...policy, PolicyDocument: allow('*') });
  await t.rejects(read(), { name: 'AccessDeniedException' });
  await iam('CreatePolicyVersion', { ...policy, PolicyDocument: allow('*'), SetAsDefault: 'true' });
  await t.resolves(read());
  t.equal(elementOf(await iam('GetPolicy', policy), 'DefaultVersionId'), 'v3');
  const first = await iam('GetPolicyVersion', { ...policy, VersionId: 'v1' });
  t.match(decodeURIComponent(elementOf(first, 'Document') ?? ''), 'sts:*');
  t.equal(elementOf(first, 'IsDefaultVersion'), 'false');
  await t.rejects(iam('GetPolicyVersion', { ...policy, VersionId: 'v9' }), { name: 'NoSuchEntity' });
});

t.test('a permissions boundary is a managed policy', async (t) => {
  const { iam, read } = await withAnn(t);
  const ann = { UserName: 'ann' };
  await iam('PutUserPolicy', { ...ann, PolicyName: 'all', PolicyDocument: allow('*') });
  await iam('CreatePolicy', { PolicyName: 'limit', PolicyDocument: allow('secretsmanager:*') });
  await t.resolves(read());
  await iam('PutUserPermissionsBoundary', { ...ann, PermissionsBoundary: LIMIT });
  await t.rejects(read(), { message: 'Access to KMS is not allowed' });
  t.equal(elementOf(await iam('GetUser', ann), 'PermissionsBoundaryArn'), LIMIT);
  await iam('DeleteUserPermissionsBoundary', ann);
  await t.resolves(read());
});

t.test('who is made with a permissions boundary has it from the start', async (t) => {
  const { iam } = await withAnn(t);
  await iam('CreatePolicy', { PolicyName: 'limit', PolicyDocument: allow('secretsmanager:*') });
  const bound = { PermissionsBoundary: LIMIT };
  const made = await iam('CreateUser', { UserName: 'eve', ...bound });
  const AssumeRolePolicyDocument = policyOf({
    Effect: 'Allow',
    Principal: { AWS: '111111111111' },
    Action: 'sts:AssumeRole',
  });
  await iam('CreateRole', { RoleName: 'eve', AssumeRolePolicyDocument, ...bound });
  for (const answer of [made, await iam('GetUser', { UserName: 'eve' }), await iam('GetRole', { RoleName: 'eve' })])
    t.equal(elementOf(answer, 'PermissionsBoundaryArn'), LIMIT);
  await t.rejects(iam('CreateUser', { UserName: 'zoe', PermissionsBoundary: `${LIMIT}s` }), { name: 'NoSuchEntity' });
});

t.test('lists come page by page', async (t) => {
  const { iam } = await withAnn(t);
  const ann = { UserName: 'ann' };
  for (const PolicyName of ['c', 'a', 'b'])
    await iam('PutUserPolicy', { ...ann, PolicyName, PolicyDocument: allow('*') });
  const first = await iam('ListUserPolicies', { ...ann, MaxItems: '2' });
  t.same([elementsOf(first, 'member'), elementOf(first, 'IsTruncated')], [['a', 'b'], 'true']);
  const second = await iam('ListUserPolicies', { ...ann, Marker: elementOf(first, 'Marker') ?? '' });
  t.same([elementsOf(second, 'member'), elementOf(second, 'IsTruncated')], [['c'], 'false']);
  const found: string[] = [];
  let Marker: string | undefined;
  do {
    const page = await iam('ListUsers', { MaxItems: '1', ...(Marker !== undefined && { Marker }) });
    t.equal(elementsOf(page, 'UserName').length, 1);
    found.push(...elementsOf(page, 'UserName'));
    Marker = elementOf(page, 'Marker');
  } while (Marker !== undefined);
  t.same(found, elementsOf(await iam('ListUsers'), 'UserName'));
  t.ok(found.length > 1);
});

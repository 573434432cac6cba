import {
  DescribeSecretCommand,
  GetSecretValueCommand,
  PutResourcePolicyCommand,
} from '@aws-sdk/client-secrets-manager';
import {
  AssumeRoleCommand,
  type AssumeRoleCommandInput,
  AssumeRoleWithWebIdentityCommand,
  type Credentials,
  GetCallerIdentityCommand,
  GetSessionTokenCommand,
} from '@aws-sdk/client-sts';
import t, { type Test } from 'tap';
import type { PolicyDocument, Statement } from '../../src/policy/document.ts';
import { allowMary, arnOf, denyMary, policyOf, start } from './start.ts';

const ROLE = 'arn:aws:iam::111111111111:role/work';
const allow = (Action: string[], extra: object = {}): Statement => ({
  Effect: 'Allow',
  Action,
  Resource: '*',
  ...extra,
});
const everything: PolicyDocument = { Version: '2012-10-17', Statement: [allow(['*'])] };

/** A role of the owner's account, and what reads demo/database with credentials that STS gave. */
async function withRole(t: Test, trust: Partial<Statement> = {}, maxSessionSeconds = 3600) {
  let now = new Date('2026-01-01T00:00:00Z');
  const aws = await start(t, { clock: () => now });
  const principal = { Principal: { AWS: '111111111111' }, Action: ['sts:AssumeRole', 'sts:TagSession'] };
  const trustPolicy = { Version: '2012-10-17', Statement: { Effect: 'Allow', ...principal, ...trust } } as const;
  aws.local.directory.createRole({
    arn: ROLE,
    policies: [everything],
    trustPolicy,
    maxSessionSeconds,
    tags: { team: 'core', stage: 'test' },
  });
  const SecretId = arnOf(aws.local, 'demo/database');
  const owner = aws.sts('LOCALOWNER');
  const as = ({ AccessKeyId = '', SessionToken }: Partial<Credentials> = {}) =>
    aws.secretsManager(AccessKeyId, 'us-east-1', SessionToken);
  return {
    ...aws,
    SecretId,
    as,
    owner,
    assume: (extra: Partial<AssumeRoleCommandInput> = {}) =>
      owner.send(new AssumeRoleCommand({ RoleArn: ROLE, RoleSessionName: 'monday', ...extra })),
    read: (credentials?: Credentials) => as(credentials).send(new GetSecretValueCommand({ SecretId })),
    putDeny: (Condition: object) =>
      aws.secretsManager('LOCALOWNER').send(
        new PutResourcePolicyCommand({
          SecretId,
          ResourcePolicy: policyOf({ ...denyMary, Principal: '*', Condition }),
        }),
      ),
    pass: (ms: number) => (now = new Date(now.getTime() + ms)),
  };
}
const denied = { name: 'AccessDeniedException' };

t.test('a session policy narrows the session, unless a policy names the session itself', async (t) => {
  const { assume, read, as, SecretId, secretsManager } = await withRole(t);
  const Policy = policyOf(allow(['secretsmanager:DescribeSecret']));
  const { Credentials } = await assume({ Policy });
  await t.resolves(as(Credentials).send(new DescribeSecretCommand({ SecretId })));
  await t.rejects(read(Credentials), { message: /because no session policy allows the secretsmanager:GetSecretValue/ });
  const both = await assume({ Policy: policyOf(allow(['*']), { ...allow(['kms:*']), Effect: 'Deny' }) });
  await t.rejects(read(both.Credentials), { message: 'Access to KMS is not allowed' });
  const AWS = 'arn:aws:sts::111111111111:assumed-role/work/monday';
  const ResourcePolicy = policyOf({ ...allowMary, Principal: { AWS } });
  await secretsManager('LOCALOWNER').send(new PutResourcePolicyCommand({ SecretId, ResourcePolicy }));
  await t.rejects(read(Credentials), { message: 'Access to KMS is not allowed' }, 'the key still asks');
  await t.rejects(assume({ Policy: '{' }), { name: 'MalformedPolicyDocument' });
  await t.rejects(assume({ Policy: policyOf(allowMary) }), { name: 'MalformedPolicyDocument' });
  await t.rejects(assume({ PolicyArns: [{ arn: 'arn:aws:iam::aws:policy/ReadOnlyAccess' }] }), {
    message: 'The local stand-in does not support PolicyArns.',
  });
});

t.test('a session lasts as long as its role allows', async (t) => {
  const { assume } = await withRole(t, {}, 7200);
  const { Credentials } = await assume({ DurationSeconds: 7200 });
  t.equal(Credentials?.Expiration?.toISOString(), '2026-01-01T02:00:00.000Z');
  await t.rejects(assume({ DurationSeconds: 7201 }), { name: 'ValidationError', message: /MaxSessionDuration/ });
  await t.rejects(assume({ DurationSeconds: 899 }), { name: 'ValidationError' });
});

t.test('tags of a session stand over those of its role, and must be allowed', async (t) => {
  const { assume, read, putDeny, local, sts } = await withRole(t);
  await putDeny({ StringNotEquals: { 'aws:PrincipalTag/team': 'payments', 'aws:PrincipalTag/stage': 'live' } });
  await t.rejects(read((await assume()).Credentials), denied);
  const Tags = [{ Key: 'team', Value: 'payments' }];
  await t.resolves(read((await assume({ Tags })).Credentials));
  await t.rejects(assume({ Tags: [...Tags, ...Tags] }), { name: 'InvalidParameterValue' });

  await putDeny({ StringNotEquals: { 'aws:PrincipalTag/team': 'payments' } });
  const trustPolicy = {
    Version: '2012-10-17',
    Statement: { Effect: 'Allow', Principal: { AWS: ROLE }, Action: 'sts:AssumeRole' },
  } as const;
  const RoleArn = 'arn:aws:iam::111111111111:role/next';
  local.directory.createRole({ arn: RoleArn, policies: [everything], trustPolicy });
  const chained = async (TransitiveTagKeys: string[]) => {
    const { Credentials: first } = await assume({ Tags, TransitiveTagKeys });
    const client = sts(first?.AccessKeyId ?? '', first?.SessionToken);
    const next = (extra: object) => client.send(new AssumeRoleCommand({ RoleArn, RoleSessionName: 'next', ...extra }));
    await t.rejects(next({ Tags }), { message: /perform: sts:TagSession/ });
    return (await next({})).Credentials;
  };
  await t.rejects(read(await chained([])), denied);
  await t.resolves(read(await chained(['team'])), 'handed on');
});

t.test('sessions say when they were issued, and whether a device was shown', async (t) => {
  const { assume, read, putDeny, pass, owner } = await withRole(t);
  const { Credentials: early } = await assume();
  pass(60_000);
  const { Credentials: late } = await assume();
  await putDeny({ DateLessThan: { 'aws:TokenIssueTime': '2026-01-01T00:00:30Z' } });
  await t.rejects(read(early), denied, 'as a revocation of sessions denies');
  await t.resolves(read(late));
  await putDeny({ BoolIfExists: { 'aws:MultiFactorAuthPresent': 'false' } });
  await t.rejects(read(late), denied, 'a session without');
  const device = { SerialNumber: 'arn:aws:iam::111111111111:mfa/owner', TokenCode: '123456' };
  const { Credentials } = await owner.send(new GetSessionTokenCommand(device));
  await t.resolves(read(Credentials));
  await t.rejects(read((await owner.send(new GetSessionTokenCommand({}))).Credentials), denied);
  await putDeny({ NumericGreaterThan: { 'aws:MultiFactorAuthAge': '300' } });
  await t.resolves(read(Credentials));
  pass(301_000);
  await t.rejects(read(Credentials), denied);
});

t.test('a role asks for a device, or a source identity, in its trust policy', async (t) => {
  const Condition = {
    Bool: { 'aws:MultiFactorAuthPresent': 'true' },
    StringLike: { 'sts:SourceIdentity': 'ann*' },
  };
  const { assume, read, putDeny } = await withRole(t, {
    Condition,
    Action: ['sts:AssumeRole', 'sts:SetSourceIdentity'],
  });
  const device = { SerialNumber: 'arn:aws:iam::111111111111:mfa/owner', TokenCode: '123456' };
  const refused = { name: 'AccessDenied' };
  await t.rejects(assume({ SourceIdentity: 'ann' }), refused);
  await t.rejects(assume(device), refused);
  await t.rejects(assume({ ...device, SourceIdentity: 'bob' }), refused);
  const { Credentials, SourceIdentity } = await assume({ ...device, SourceIdentity: 'ann' });
  t.equal(SourceIdentity, 'ann');
  await putDeny({ StringEquals: { 'aws:SourceIdentity': 'ann' } });
  await t.rejects(read(Credentials), denied);
});

t.test('a token of a provider that the role trusts assumes it, and its keys stay with the session', async (t) => {
  const HOST = 'oidc.eks.us-east-1.amazonaws.com/id/ABC';
  const { sts, read, putDeny, local } = await withRole(t, {
    Principal: { Federated: `arn:aws:iam::111111111111:oidc-provider/${HOST}` },
    Action: 'sts:AssumeRoleWithWebIdentity',
    Condition: { StringEquals: { [`${HOST}:aud`]: 'sts.amazonaws.com' } },
  });
  const token = (claims: object) =>
    ['{}', JSON.stringify({ iss: `https://${HOST}`, sub: 'system:serviceaccount:web:app', ...claims }), '']
      .map((part) => Buffer.from(part).toString('base64url'))
      .join('.');
  const assume = (WebIdentityToken: string) =>
    sts('NOBODY').send(
      new AssumeRoleWithWebIdentityCommand({ RoleArn: ROLE, RoleSessionName: 'pod', WebIdentityToken }),
    );
  const { Credentials, ...answer } = await assume(token({ aud: ['sts.amazonaws.com'] }));
  t.match(answer, {
    AssumedRoleUser: { Arn: 'arn:aws:sts::111111111111:assumed-role/work/pod' },
    SubjectFromWebIdentityToken: 'system:serviceaccount:web:app',
    Provider: HOST,
  });
  await t.resolves(read(Credentials));
  await putDeny({ StringLike: { [`${HOST}:sub`]: 'system:serviceaccount:web:*' } });
  await t.rejects(read(Credentials), denied);
  await putDeny({ Null: { 'aws:FederatedProvider': 'false' } });
  await t.rejects(read(Credentials), denied);
  await t.rejects(assume(token({ aud: 'other' })), { name: 'AccessDenied' });
  await t.rejects(assume(token({ iss: 'https://elsewhere', aud: 'sts.amazonaws.com' })), { name: 'AccessDenied' });
  await t.rejects(assume(token({ aud: 'sts.amazonaws.com', exp: 1 })), { name: 'ExpiredToken' });
  await t.rejects(assume('nonsense'), { name: 'InvalidIdentityToken' });
  await t.rejects(sts('NOBODY').send(new GetCallerIdentityCommand({})), { name: 'InvalidClientTokenId' });

  const saml = { keys: { 'saml:sub_type': 'persistent', 'saml:aud': 'https://signin.aws.amazon.com/saml' } };
  local.directory.createSession(ROLE, 'federated', 'LOCALSAML', saml);
  await putDeny({ StringEquals: { 'saml:aud': 'https://signin.aws.amazon.com/saml' } });
  await t.rejects(read({ AccessKeyId: 'LOCALSAML' } as Credentials), denied);
});

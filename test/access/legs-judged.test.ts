import t from 'tap';
import type { PolicyDocument } from '../../src/policy/document.ts';
import { APP_ROLE, build, MARY } from '../helper.ts';

const DATABASE = '/v1/secrets/demo%2Fdatabase';
const DEFAULT_KEY = '/v1/secrets/demo%2Fdefault-key';
const OWNER = 'arn:aws:iam::111111111111:user/owner';

type Leg = { leg: string; status: string; detail: string };
type Warning = { code: string; message: string };
type Answer = { legs: Leg[]; warnings: Warning[] };

const leg = ({ legs }: Answer, name: string): Leg | undefined => legs.find((one) => one.leg === name);
const deniedBy = ({ warnings }: Answer): string[] =>
  warnings.flatMap(({ code, message }) => (code === 'denied-by' ? [message] : []));

const allowing = (...Action: string[]): PolicyDocument[] => [
  { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action, Resource: '*' }] },
];
const denying = (...Action: string[]): PolicyDocument[] => [
  {
    Version: '2012-10-17',
    Statement: [
      { Effect: 'Allow', Action: '*', Resource: '*' },
      { Effect: 'Deny', Action, Resource: '*' },
    ],
  },
];

t.test('a share under a denial of ours is missing, and is told the call that takes the denial away', async (t) => {
  const { call, readAs, arnOf } = await build(t);
  const denial = (await call('POST', `${DATABASE}/denials`, { principal: MARY })).json.denial;
  for (const url of [`${DATABASE}/shares?dryRun=true`, `${DATABASE}/shares`]) {
    const { json, body } = await call('POST', url, { principal: MARY });
    t.match(
      leg(json, 'secretPolicy'),
      { status: 'missing', detail: /^Denied by the denial of user\/Mary of 123456789999 in the secret’s policy/ },
      body,
    );
    t.match(deniedBy(json), [
      `The denial of user/Mary of 123456789999 denies ${MARY} secretsmanager:GetSecretValue. It is ours: DELETE ${DATABASE}/denials/${denial.id} takes it away.`,
    ]);
  }
  t.equal(await readAs('LOCALMARY', await arnOf('demo/database')), 'AccessDeniedException');
  await call('DELETE', `${DATABASE}/denials/${denial.id}`);
  t.equal(await readAs('LOCALMARY', await arnOf('demo/database')), 'read');
});

t.test('a share under a restriction hangs on what the restriction asks for', async (t) => {
  const { call } = await build(t);
  const made = await call('POST', `${DATABASE}/restrictions`, { boundary: { organization: 'o-local00001' } });
  const { id } = made.json.restriction;
  const { json } = await call('POST', `${DATABASE}/shares`, { principal: MARY });
  t.equal(leg(json, 'secretPolicy')?.status, 'unknown');
  t.match(deniedBy(json), [
    new RegExp(`^The restriction of .*o-local00001 may deny .*organization .*DELETE ${DATABASE}/restrictions/${id}`),
  ]);
  const inside = await call('POST', `${DATABASE}/shares`, { organization: 'o-local00001' });
  t.equal(leg(inside.json, 'secretPolicy')?.status, 'done', 'inside the boundary it holds');
  t.same(deniedBy(inside.json), []);
});

t.test('a share under a Deny of others names it, by its Sid or by its hash', async (t) => {
  const { call } = await build(t);
  const Statement = [
    {
      Sid: 'Perimeter',
      Effect: 'Deny',
      Principal: { AWS: '222222222222' },
      Action: 'secretsmanager:Get*',
      Resource: '*',
    },
    { Effect: 'Deny', Principal: { AWS: MARY }, Action: 'secretsmanager:DescribeSecret', Resource: '*' },
  ];
  await call('PUT', `${DATABASE}/policy`, { Version: '2012-10-17', Statement }, { 'if-none-match': '*' });
  const app = (await call('POST', `${DATABASE}/shares`, { principal: APP_ROLE })).json;
  t.match(leg(app, 'secretPolicy'), { status: 'missing', detail: /Perimeter.*\(secretsmanager:GetSecretValue\)/ });
  t.match(deniedBy(app), [/^The statement Perimeter denies .*GetSecretValue\.$/]);
  const mary = (await call('POST', `${DATABASE}/shares`, { principal: MARY })).json;
  t.match(leg(mary, 'secretPolicy'), { status: 'missing', detail: /hash [0-9a-f]{24}.*DescribeSecret/ });
});

t.test('an account but for one of its roles is shared with, and the role is named', async (t) => {
  const { call } = await build(t);
  await call('POST', `${DATABASE}/denials`, { principal: APP_ROLE });
  const { json } = await call('POST', `${DATABASE}/shares`, { principal: '222222222222' });
  t.match(leg(json, 'secretPolicy'), { status: 'unknown', detail: /but not arn:aws:iam::222222222222:role\/app/ });
  t.match(deniedBy(json), [/denies arn:aws:iam::222222222222:role\/app\. It is ours/]);
});

t.test('a share under conditions of its own is done for the calls that meet them', async (t) => {
  const { call } = await build(t);
  const conditions = { versionStages: ['AWSCURRENT'], sourceVpcEndpoints: ['vpce-11111111', 'vpce-22222222'] };
  const { json } = await call('POST', `${DATABASE}/shares`, { principal: MARY, ...conditions });
  t.equal(leg(json, 'secretPolicy')?.status, 'done');
  const boundary = { vpcEndpoints: ['vpce-33333333'] };
  await call('POST', `${DATABASE}/restrictions`, { boundary });
  const again = await call('POST', `${DATABASE}/shares`, { principal: MARY, ...conditions });
  t.equal(leg(again.json, 'secretPolicy')?.status, 'missing', 'no call can come through both');
  t.match(deniedBy(again.json), [/ denies .*GetSecretValue in the calls that the share is for\. It is ours/]);
});

t.test(
  'BatchGetSecretValue can’t be granted: what it takes is said, and the secret’s policy is asked for each secret',
  async (t) => {
    const { call } = await build(t);
    const actions = ['secretsmanager:BatchGetSecretValue'];
    const { json } = await call('POST', `${DATABASE}/shares`, { principal: MARY, actions });
    t.match(leg(json, 'secretPolicy'), { status: 'missing', detail: /GetSecretValue|share the secret/ });
    t.match(leg(json, 'identityPolicy'), { status: 'unknown', detail: /BatchGetSecretValue.*on "\*"/ });
    t.match(
      json.warnings.find(({ code }: Warning) => code === 'never-matches'),
      { message: /secretsmanager:GetSecretValue on each secret.*BatchGetSecretValue on "\*"/ },
    );
    const check = {
      principal: MARY,
      action: actions[0],
      identityPolicies: allowing('secretsmanager:GetSecretValue', 'kms:*'),
    };
    await call('POST', `${DATABASE}/shares`, { principal: MARY });
    const answer = await call('POST', `${DATABASE}/access-checks`, check);
    t.equal(leg(answer.json, 'identityPolicy')?.status, 'missing', 'the permission of its own is missing');
  },
);

t.test('who may not use the key by its own policies does not read, whoever else lets it', async (t) => {
  const { call, aws, readAs, arnOf } = await build(t);
  for (const path of [DATABASE, DEFAULT_KEY]) {
    await call('POST', `${path}/shares`, { principal: OWNER });
    const answer = await call('POST', `${path}/access-checks`, {
      principal: OWNER,
      identityPolicies: denying('kms:Decrypt'),
    });
    t.match(leg(answer.json, 'identityPolicy'), { status: 'missing' }, answer.body);
    const open = await call('POST', `${path}/access-checks`, { principal: OWNER, identityPolicies: allowing('*') });
    t.not(leg(open.json, 'identityPolicy')?.status, 'missing', open.body);
  }
  aws.directory.setIdentityPolicies(OWNER, denying('kms:Decrypt'));
  t.not(await readAs('LOCALOWNER', await arnOf('demo/database')), 'read');
  t.not(await readAs('LOCALOWNER', await arnOf('demo/default-key')), 'read');
});

t.test('whom its organization is shared with may read without identity policies, if it is of it', async (t) => {
  const { call, aws, readAs, arnOf } = await build(t);
  await call('POST', `${DEFAULT_KEY}/shares`, { organization: 'o-local00001', acknowledgeUnreadable: true });
  const check = async (context: object) =>
    (await call('POST', `${DEFAULT_KEY}/access-checks`, { principal: OWNER, identityPolicies: [], context })).json;
  const blind = await check({});
  t.equal(blind.decision, 'unknown');
  t.equal(leg(blind, 'identityPolicy')?.status, 'unknown');
  const member = await check({ 'aws:PrincipalOrgID': 'o-local00001' });
  t.equal(member.decision, 'allowed');
  t.match(leg(member, 'identityPolicy'), {
    status: 'notNeeded',
    detail: /boundary or session policy.*must allow it too/,
  });
  aws.directory.setIdentityPolicies(OWNER, []);
  t.equal(await readAs('LOCALOWNER', await arnOf('demo/default-key')), 'read');
});

t.test('a role of which one session is named may need no identity policy', async (t) => {
  const { call } = await build(t);
  const principal = 'arn:aws:iam::111111111111:role/reader';
  await call('POST', `${DEFAULT_KEY}/shares`, {
    principal: 'arn:aws:sts::111111111111:assumed-role/secret-access-service/s1',
  });
  const role = 'arn:aws:iam::111111111111:role/secret-access-service';
  const { json } = await call('POST', `${DEFAULT_KEY}/access-checks`, { principal: role, identityPolicies: [] });
  t.equal(json.decision, 'unknown');
  t.equal(leg(json, 'identityPolicy')?.status, 'unknown');
  const other = await call('POST', `${DEFAULT_KEY}/access-checks`, { principal, identityPolicies: [] });
  t.equal(leg(other.json, 'identityPolicy')?.status, 'missing');
});

t.test('an identity policy that denies is what is missing, never done', async (t) => {
  const { call } = await build(t);
  for (const principal of [OWNER, MARY]) {
    await call('POST', `${DATABASE}/shares`, { principal });
    const answer = await call('POST', `${DATABASE}/access-checks`, {
      principal,
      identityPolicies: denying('secretsmanager:GetSecretValue'),
    });
    t.equal(answer.json.decision, 'explicitlyDenied');
    t.equal(leg(answer.json, 'identityPolicy')?.status, 'missing', principal);
  }
});

t.test('a literal Resource does not reach the replicas: the leg says where it stands', async (t) => {
  const { call, aws, arnOf } = await build(t);
  const replicate = { SecretId: 'demo/database', AddReplicaRegions: [{ Region: 'eu-west-1' }] };
  aws.call('LOCALOWNER', 'us-east-1', 'secretsmanager', 'ReplicateSecretToRegions', replicate);
  const Resource = await arnOf('demo/database');
  const Statement = [{ Effect: 'Allow', Principal: { AWS: MARY }, Action: 'secretsmanager:GetSecretValue', Resource }];
  await call('PUT', `${DATABASE}/policy`, { Version: '2012-10-17', Statement }, { 'if-none-match': '*' });
  const { json } = await call('POST', `${DATABASE}/access-checks`, { principal: MARY });
  t.equal(json.decision, 'allowed', 'the question is about the secret in its own Region');
  t.match(leg(json, 'secretPolicy'), { status: 'missing', detail: /in eu-west-1/ });
});

t.test('a policy whose patterns take too long to match is unknown, and says so, soon', async (t) => {
  const { call } = await build(t);
  const slow = Array.from({ length: 38 }, (_, index) => `*${'a'.repeat(490)}b${index}`);
  const Statement = [
    { Effect: 'Allow', Principal: { AWS: MARY }, Action: 'secretsmanager:GetSecretValue', Resource: '*' },
    {
      ...{ Effect: 'Deny', Principal: '*', Action: 'secretsmanager:GetSecretValue', Resource: '*' },
      Condition: { StringLike: { 'aws:PrincipalTag/team': slow } },
    },
  ];
  const put = await call('PUT', `${DATABASE}/policy`, { Version: '2012-10-17', Statement }, { 'if-none-match': '*' });
  t.equal(put.status, 200, put.body);
  const context = { 'aws:PrincipalTag/team': 'a'.repeat(1_024) };
  const start = process.cpuUsage();
  const { json } = await call('POST', `${DATABASE}/access-checks`, { principal: MARY, context });
  const { user } = process.cpuUsage(start);
  t.match(json, { decision: 'unknown', dependsOn: [{ key: 'tooMuchWork', description: /more work to match/ }] });
  t.equal(leg(json, 'secretPolicy')?.status, 'unknown');
  t.ok(user < 1_500_000, `${user / 1_000} ms of computing`);
});

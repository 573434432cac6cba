import t, { type Test } from 'tap';
import { atOnce, newBudget } from '../../src/policy/evaluate/budget.ts';
import { neverMatching } from '../../src/policy/faults/never-matches.ts';
import { build, MARY } from '../helper.ts';
import { matchList } from '../match-list.ts';

const BASE = '/v1/secrets/demo%2Fdatabase';
const READS = ['secretsmanager:GetSecretValue', 'secretsmanager:DescribeSecret'];
const ALLOW = { Sid: 'Allow', Effect: 'Allow', Action: READS, Principal: { AWS: MARY }, Resource: '*' };
const DENY = { Sid: 'Deny', Effect: 'Deny', Action: READS, Principal: { AWS: MARY }, Resource: '*' };

/** `unread`: AWS does not document what it makes of it, so that the stand-in lets nobody through. */
type Case = { statement: object; why: RegExp; version?: string; unread?: true };

/** Each stands beside an Allow that lets Mary read, and takes nothing from her. */
const DEAD: Record<string, Case> = {
  'a misspelt action': {
    statement: { ...DENY, Action: 'secretsmanager:GetSecretValues' },
    why: /secretsmanager:GetSecretValues is no action of Secrets Manager \(by AWS’s list of \d{4}-\d\d-\d\d\)/,
  },
  'an action that works on no secret': {
    statement: { ...DENY, Action: ['secretsmanager:ListSecrets', 'secretsmanager:BatchGetSecretValue'] },
    why: /ListSecrets works on no resource.*BatchGetSecretValue.*GetSecretValue of each secret/,
  },
  'a date that is none': {
    statement: { ...DENY, Condition: { DateLessThan: { 'aws:CurrentTime': 'tomorrow' } } },
    why: /“tomorrow” is not a date \(DateLessThan of aws:CurrentTime\)/,
    unread: true,
  },
  'a key that AWS does not have': {
    statement: { ...DENY, Condition: { StringEquals: { 'aws:PrincipalOrganizationId': 'o-local00001' } } },
    why: /AWS has no condition key aws:PrincipalOrganizationId/,
  },
  'a key that no such call has': {
    statement: { ...DENY, Condition: { NumericEquals: { 'secretsmanager:RecoveryWindowInDays': 7 } } },
    why: /no call that the statement is about has the condition key secretsmanager:RecoveryWindowInDays/,
  },
  'a variable in a policy of the old version': {
    statement: { ...DENY, Condition: { StringEquals: { 'aws:username': `\${aws:username}` } } },
    version: '2008-10-17',
    why: /“\$\{aws:username\}” is taken to the letter in a policy without "Version": "2012-10-17"/,
  },
  'an address that is none': {
    statement: { ...DENY, Condition: { IpAddress: { 'aws:SourceIp': 'office' } } },
    why: /“office” is not an address/,
    unread: true,
  },
  'another secret': {
    statement: { ...DENY, Resource: 'arn:aws:secretsmanager:us-east-1:111111111111:secret:other-AbCdEf' },
    why: /secret:other-AbCdEf is not this secret/,
  },
};

async function attach(t: Test, statements: object[], version = '2012-10-17') {
  const service = await build(t);
  const policy = { Version: version, Statement: statements };
  const { etag } = (await service.call('GET', `${BASE}/policy`)).json;
  const put = (query: string) => service.call('PUT', `${BASE}/policy${query}`, policy, { 'if-match': etag });
  const dry = await put('?dryRun=true');
  const answer = await put('');
  t.equal(answer.status, 200, answer.body);
  t.same(dry.json.warnings, answer.json.warnings, 'a dry run says the same');
  const arn = await service.arnOf('demo/database');
  return { ...service, warnings: answer.json.warnings, mary: await service.readAs('LOCALMARY', arn) };
}

for (const [name, { statement, why, version, unread }] of Object.entries(DEAD)) {
  t.test(`${name}: the Deny is attached, protects nobody, and is told so`, async (t) => {
    const { warnings, mary } = await attach(t, [ALLOW, statement], version);
    if (unread !== true) t.equal(mary, 'read', 'it denies nothing');
    matchList(t, warnings, [
      { code: 'never-matches', message: /^The Deny in the statement Deny never matches and PROTECTS NOBODY/ },
    ]);
    t.match(warnings[0].message, why);
  });
}

t.test('what may match is not said to be dead', async (t) => {
  const conditions = [
    { DateLessThan: { 'aws:CurrentTime': '2099-01-01T00:00:00Z' } },
    { StringNotEquals: { 'aws:NoSuchKey': 'x' } },
    { StringEqualsIfExists: { 'aws:NoSuchKey': 'x' } },
    { Null: { 'aws:NoSuchKey': 'true' } },
    { StringLike: { 'AWS:PRINCIPALARN': '*' } },
  ];
  for (const Condition of conditions) {
    const { warnings, mary } = await attach(t, [ALLOW, { ...DENY, Condition }]);
    t.same(warnings, []);
    t.equal(mary, 'AccessDeniedException', `${JSON.stringify(Condition)} denies`);
  }
  const arns = ['arn:aws:secretsmanager:us-east-1:111111111111:secret:demo/database-AbCdEf'];
  const more = [
    { StringEquals: { 'aws:PrincipalTag/team': `\${aws:PrincipalTag/team, 'none'}`, 'ec2:SourceInstanceArn': 'x' } },
    { StringEquals: { 'secretsmanager:VersionStage': 'AWSCURRENT', 'aws:ResourceTag/a': 'b' } },
    { StringLike: { 'aws:UserAgent': 'curl*' }, NumericLessThan: { 'aws:MultiFactorAuthAge': '1e3' } },
    { 'ForAnyValue:StringEquals': { 'aws:CalledVia': 'rds.amazonaws.com' }, Bool: { 'aws:SecureTransport': 'no' } },
  ];
  for (const Condition of more) {
    const statement = { ...DENY, Effect: 'Deny' as const, Action: 'SECRETSMANAGER:Get*', Condition };
    t.same(
      atOnce(neverMatching({ Version: '2012-10-17', Statement: statement }, arns, newBudget())),
      [],
      JSON.stringify(Condition),
    );
  }
});

t.test('a Deny that protects nobody comes first; of a part that never matches, the part is named', async (t) => {
  const { warnings, mary } = await attach(t, [
    { ...ALLOW, Sid: 'Typo', Action: ['secretsmanager:GetSecretValue', 'secretsmanager:ReadSecret'] },
    { ...ALLOW, Sid: 'Never', Condition: { DateGreaterThan: { 'aws:CurrentTime': ['someday', 'later'] } } },
    { ...DENY, Action: 'secretsmanager:GetSecretValues' },
  ]);
  t.equal(mary, 'read');
  matchList(t, warnings, [
    { message: /^The Deny in the statement Deny never matches and PROTECTS NOBODY/ },
    { message: /^A part of the Allow in the statement Typo never matches: secretsmanager:ReadSecret is no action/ },
    { message: /^The Allow in the statement Never never matches and lets nobody in: “someday”.*“later”/ },
  ]);
});

t.test('a rollback to a dead Deny is told so, and so is a denial that no policy can say', async (t) => {
  const { call } = await attach(t, [ALLOW, { ...DENY, Action: 'secretsmanager:GetSecretValues' }]);
  const deleted = await call('DELETE', `${BASE}/policy`, undefined, { 'if-match': '*' });
  const back = await call(
    'POST',
    `${BASE}/policy/rollback`,
    { changeId: deleted.json.changeId, reason: 'back' },
    { 'if-none-match': '*', 'if-match': deleted.json.etag },
  );
  t.match(
    back,
    { status: 200, json: { warnings: [{ code: 'never-matches', message: /PROTECTS NOBODY/ }] } },
    back.body,
  );
  const actions = ['secretsmanager:BatchGetSecretValue'];
  for (const body of [{ principal: MARY }, { account: '222222222222', match: 'arn' }]) {
    const denial = await call('POST', `${BASE}/denials`, { ...body, actions });
    t.match(denial, { status: 201, json: { warnings: [{ code: 'never-matches', message: /PROTECTS NOBODY/ }] } });
  }
  const restriction = await call('POST', `${BASE}/restrictions`, {
    boundary: { organization: 'o-local00001' },
    actions,
  });
  t.match(restriction.json.warnings, [{ code: 'never-matches', message: /PROTECTS NOBODY/ }]);
});

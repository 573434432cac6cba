import t from 'tap';
import { APP_ROLE, build, MARY } from '../helper.ts';

const DATABASE = '/v1/secrets/demo%2Fdatabase';
const READ = ['secretsmanager:DescribeSecret', 'secretsmanager:GetSecretValue'];
const OWNER = 'arn:aws:iam::111111111111:user/owner';

t.test('an answer begins with what a person reads first', async (t) => {
  const { call } = await build(t);
  const { body } = await call('POST', `${DATABASE}/shares`, { principal: MARY });
  const members = Object.keys(JSON.parse(body));
  t.same(members, [
    ...['changeId', 'changed', 'dryRun', 'summary', 'effect', 'legs', 'warnings', 'share'],
    ...['secret', 'policy', 'before', 'diff', 'etag'],
  ]);
});

t.test('a share is the whole truth in one sentence, with the replica whose key does not decrypt', async (t) => {
  const { call, aws } = await build(t);
  const first = await call('POST', `${DATABASE}/shares`, { principal: '222222222222' });
  t.equal(first.json.summary, '222222222222 may read demo/database once its own account allows it.');
  const replicate = { SecretId: 'demo/database', AddReplicaRegions: [{ Region: 'eu-west-1' }] };
  aws.call('LOCALOWNER', 'us-east-1', 'secretsmanager', 'ReplicateSecretToRegions', replicate);
  const { json } = await call('POST', `${DATABASE}/shares`, { principal: '123456789999' });
  t.equal(
    json.summary,
    '123456789999 may read demo/database in us-east-1 once its own account allows it; in eu-west-1 the replica’s key does not let it decrypt.',
  );
  const again = await call('POST', `${DATABASE}/shares?dryRun=true`, { principal: '123456789999' });
  t.match(again.json.summary, /^If it were done: 123456789999 may read/);
});

t.test('a share that a denial stands against says so, and gains nothing', async (t) => {
  const { call } = await build(t);
  const denial = await call('POST', `${DATABASE}/denials`, { principal: MARY, actions: READ });
  t.same(denial.json.effect, { gains: [], loses: [] }, 'who may not read loses nothing');
  t.match(denial.json.summary, /^Nobody gains or loses access to demo\/database/);
  const share = await call('POST', `${DATABASE}/shares`, { principal: MARY });
  t.same(share.json.effect, { gains: [], loses: [] });
  t.match(
    share.json.summary,
    /user\/Mary may not read demo\/database: denied by the denial of user\/Mary of 123456789999 in the/,
  );
});

t.test('whoever gains or loses is named, with the conditions and the exceptions', async (t) => {
  const { call } = await build(t);
  await call('POST', `${DATABASE}/denials`, { principal: APP_ROLE, actions: READ });
  const shared = await call('POST', `${DATABASE}/shares`, {
    principal: '222222222222',
    expiresAt: '2099-01-01T00:00:00Z',
  });
  t.same(shared.json.effect.gains, [
    {
      principal: 'arn:aws:iam::222222222222:root',
      kind: 'account',
      actions: READ,
      conditions: ['Until 2099-01-01T00:00:00Z.'],
      except: [APP_ROLE],
    },
  ]);
  t.match(shared.json.summary, /222222222222, but not .*role\/app, may read/);
  const restricted = await call('POST', `${DATABASE}/restrictions`, { boundary: { organization: 'o-local00001' } });
  t.same(restricted.json.effect.gains, []);
  t.match(restricted.json.effect.loses, [
    { principal: /root$/, actions: ['secretsmanager:GetSecretValue'], conditions: [/organization/] },
  ]);
  t.match(restricted.json.summary, /222222222222 .*lose/);
  const revoked = await call('DELETE', `${DATABASE}/shares/${shared.json.share.id}`);
  t.same(revoked.json.effect.gains, []);
  t.match(revoked.json.effect.loses[0], { principal: 'arn:aws:iam::222222222222:root', except: [APP_ROLE] });
});

t.test('a whole document is told by who gains and who loses', async (t) => {
  const { call } = await build(t);
  await call('POST', `${DATABASE}/shares`, { principal: MARY });
  const Statement = [
    { Effect: 'Allow', Principal: { AWS: APP_ROLE }, Action: 'SecretsManager:getsecretvalue', Resource: '*' },
  ];
  const { json } = await call('PUT', `${DATABASE}/policy`, { Version: '2012-10-17', Statement }, { 'if-match': '*' });
  t.match(json.effect, {
    gains: [
      { principal: APP_ROLE, kind: 'role', actions: ['secretsmanager:GetSecretValue'], conditions: [], except: [] },
    ],
    loses: [{ principal: MARY, kind: 'user', actions: READ, conditions: [], except: [] }],
  });
  t.equal(json.summary, `${APP_ROLE} gains reading of demo/database; ${MARY} loses reading of demo/database.`);
});

t.test('what the owner’s account may do by its identity policies is no gain, and a denial of it a loss', async (t) => {
  const { call } = await build(t);
  const delegated = await call('POST', `${DATABASE}/shares`, { principal: '111111111111' });
  t.same(delegated.json.effect, { gains: [], loses: [] });
  const denied = await call('POST', `${DATABASE}/denials`, { principal: OWNER });
  t.match(denied.json.effect, { gains: [], loses: [{ principal: OWNER, actions: ['secretsmanager:GetSecretValue'] }] });
});

t.test('escalation is decided by what the document does, however its actions are written', async (t) => {
  const { call } = await build(t);
  const warned = async (statement: object) => {
    const Statement = [{ Effect: 'Allow', Principal: { AWS: '222222222222' }, Resource: '*', ...statement }];
    const url = `${DATABASE}/policy?dryRun=true`;
    const { json, body } = await call('PUT', url, { Version: '2012-10-17', Statement }, { 'if-none-match': '*' });
    t.ok(json.warnings, body);
    return json.warnings.some(({ code }: { code: string }) => code === 'escalation');
  };
  t.notOk(await warned({ Action: 'secretsmanager:Get*' }), 'reading by a wildcard');
  t.notOk(await warned({ NotAction: ['secretsmanager:Put*', 'secretsmanager:Delete*'] }), 'all but those');
  t.notOk(await warned({ Action: '*', Principal: { AWS: '111111111111' } }), 'the owner’s own account decides anyhow');
  for (const Action of ['secretsmanager:putresourcepolicy', 'secretsmanager:*Policy', 'SecretsManager:Delete*', '*']) {
    t.ok(await warned({ Action }), Action);
  }
  t.ok(await warned({ NotAction: 'secretsmanager:GetSecretValue' }));
});

t.test(
  'one guardrail holds for every way to give access to others, and stays out of what only takes away',
  async (t) => {
    const POLICIES_DIR = t.testdir({
      'all.cedar': '@id("all") permit (principal, action, resource);',
      'inside.cedar':
        '@id("inside-only") forbid (principal, action in Action::"write", resource) when { context.gainsOutside };',
      'no-rotation.cedar':
        '@id("no-rotation") forbid (principal, action, resource) when { context.gainsActions.contains("secretsmanager:RotateSecret") };',
      'wait.cedar':
        '@id("wait") @approval("security") permit (principal, action, resource) when { context.gainsPrincipals.contains("nobody") };',
    });
    const { call } = await build(t, { env: { POLICIES_DIR, DATABASE_URL: `sqlite:${POLICIES_DIR}/audit.db` } });
    const forbidden = (code: string) => ({ status: 403, json: { code: 'forbidden', policies: [code] } });
    t.match(await call('POST', `${DATABASE}/shares`, { principal: MARY }), forbidden('inside-only'));
    const document = (statement: object) => ({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Action: 'secretsmanager:GetSecretValue', Resource: '*', ...statement }],
    });
    const put = (statement: object) => call('PUT', `${DATABASE}/policy`, document(statement), { 'if-none-match': '*' });
    t.match(await put({ Principal: { AWS: MARY } }), forbidden('inside-only'));
    t.match(await put({ Principal: { AWS: OWNER }, Action: 'secretsmanager:*' }), forbidden('no-rotation'));
    t.equal((await call('POST', `${DATABASE}/denials`, { principal: MARY })).status, 201);
    t.equal((await call('POST', `${DATABASE}/shares`, { principal: OWNER })).status, 201);
  },
);

t.test('what is done about the key afterwards is in the sentence', async (t) => {
  const { call, aws } = await build(t);
  const create = { Name: 'test/keyed', KmsKeyId: 'alias/private', SecretString: 'x' };
  aws.call('LOCALOWNER', 'us-east-1', 'secretsmanager', 'CreateSecret', create);
  const shares = '/v1/secrets/test%2Fkeyed/shares';
  const before = await call('POST', shares, { principal: APP_ROLE });
  t.equal(
    before.json.summary,
    `${APP_ROLE} may not read test/keyed yet; in us-east-1 the key does not let it decrypt.`,
  );
  const planned = (await call('POST', `${shares}?dryRun=true`, { principal: MARY, grantKey: true })).json;
  t.equal(planned.summary, `If it were done: ${MARY} may read test/keyed once its own account allows it.`);
  t.match(planned.legs[1], { leg: 'keyPolicy', status: 'done' });
  const { json } = await call('POST', shares, { principal: MARY, grantKey: true });
  t.equal(json.summary, `${MARY} may read test/keyed once its own account allows it.`);
});

t.test('a denial of one Region alone is not told of all of them', async (t) => {
  const { call, aws, arnOf } = await build(t);
  const replicate = { SecretId: 'demo/database', AddReplicaRegions: [{ Region: 'eu-west-1' }] };
  aws.call('LOCALOWNER', 'us-east-1', 'secretsmanager', 'ReplicateSecretToRegions', replicate);
  const Statement = [
    {
      Effect: 'Deny',
      Principal: { AWS: MARY },
      Action: 'secretsmanager:GetSecretValue',
      NotResource: await arnOf('demo/database'),
    },
  ];
  await call('PUT', `${DATABASE}/policy`, { Version: '2012-10-17', Statement }, { 'if-none-match': '*' });
  const { json } = await call('POST', `${DATABASE}/shares`, { principal: MARY });
  t.match(json.summary, /user\/Mary cannot everywhere read demo\/database: denied by .* in eu-west-1\)/);
});

t.test('a pattern that means roles of the owner’s account takes something from them', async (t) => {
  const { call } = await build(t);
  const Statement = [
    {
      ...{ Effect: 'Deny', Principal: '*', Action: 'secretsmanager:GetSecretValue', Resource: '*' },
      Condition: { StringLike: { 'aws:PrincipalArn': 'arn:aws:iam::*:role/team*/Ops_*' } },
    },
  ];
  const { json, body } = await call(
    'PUT',
    `${DATABASE}/policy`,
    { Version: '2012-10-17', Statement },
    { 'if-none-match': '*' },
  );
  t.match(
    json.effect,
    { gains: [], loses: [{ principal: 'arn:aws:iam::111111111111:root', conditions: [/role\/team/] }] },
    body,
  );
});

t.test('of several actions it is said which part can be done', async (t) => {
  const { call, aws } = await build(t);
  const share = async (body: object) =>
    (await call('POST', `${DATABASE}/shares`, { principal: MARY, acknowledgeEscalation: true, ...body })).json.summary;
  const part = 'may read demo/database once its own account allows it, but not do all that is shared';
  const lacks = 'in us-east-1 the key does not let it encrypt (kms:GenerateDataKey).';
  t.equal(await share({ actions: ['secretsmanager:*'] }), `${MARY} ${part}; ${lacks}`);
  const both = ['secretsmanager:GetSecretValue', 'secretsmanager:PutSecretValue'];
  t.equal(await share({ actions: both }), `${MARY} ${part}; ${lacks}`);
  t.equal(
    await share({ actions: ['secretsmanager:PutSecretValue', 'secretsmanager:UpdateSecret'] }),
    `${MARY} may not do all of PutSecretValue and UpdateSecret on demo/database yet; ${lacks}`,
  );
  const replicate = { SecretId: 'demo/database', AddReplicaRegions: [{ Region: 'eu-west-1' }] };
  aws.call('LOCALOWNER', 'us-east-1', 'secretsmanager', 'ReplicateSecretToRegions', replicate);
  const list = ['secretsmanager:DescribeSecret', 'secretsmanager:TagResource'];
  t.match(
    await share({ actions: list }),
    / may do DescribeSecret and TagResource on demo\/database in us-east-1 .*, and of that what replicas allow in eu-west-1/,
  );
  await call('POST', `${DATABASE}/denials`, { principal: MARY, actions: ['secretsmanager:DescribeSecret'] });
  t.match(await share({}), / may not do all of DescribeSecret and GetSecretValue on demo\/database: denied by /);
});

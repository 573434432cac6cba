import t from 'tap';
import { build, MARY } from '../helper.ts';

const CHECKS = '/v1/secrets/demo%2Fdatabase/access-checks';

t.test('one check answers with the decision, the statement, and what is left to paste', async (t) => {
  const { call, arnOf } = await build(t);
  const arn = await arnOf('demo/database');
  const share = await call('POST', '/v1/secrets/demo%2Fdatabase/shares', { principal: MARY });
  const { status, json } = await call('POST', CHECKS, { principal: MARY });
  t.equal(status, 200);
  t.match(json, {
    secret: { arn, name: 'demo/database' },
    principal: MARY,
    action: 'secretsmanager:GetSecretValue',
    decision: 'allowed',
    because: share.json.policy.Statement,
    dependsOn: [],
    legs: [
      { leg: 'secretPolicy', status: 'done', account: '111111111111' },
      { leg: 'keyPolicy', status: 'done', account: '111111111111' },
      {
        leg: 'identityPolicy',
        status: 'unknown',
        account: '123456789999',
        statement: {
          Effect: 'Allow',
          Action: ['secretsmanager:GetSecretValue', 'kms:Decrypt'],
          Resource: [arn, /:key\//],
        },
      },
    ],
    notes: [],
  });
});

t.test('the statements to paste, once they are pasted, make the reader read', async (t) => {
  const { call, readAs, arnOf, aws } = await build(t);
  const arn = await arnOf('demo/database');
  aws.directory.createUser({ arn: 'arn:aws:iam::123456789999:user/new', policies: [], accessKeyId: 'LOCALNEW' });
  const principal = 'arn:aws:iam::123456789999:user/new';
  const check = async (question = {}) => (await call('POST', CHECKS, { principal, ...question })).json;
  const [share, , identity] = (await check()).legs;
  const put = { Version: '2012-10-17', Statement: [share.statement] };
  await call('PUT', '/v1/secrets/demo%2Fdatabase/policy', put, { 'if-none-match': '*' });
  t.not(await readAs('LOCALNEW', arn), 'read', 'its own account does not let it yet');
  const policies = [{ Version: '2012-10-17' as const, Statement: [identity.statement] }];
  aws.directory.setIdentityPolicies(principal, policies);
  t.equal(await readAs('LOCALNEW', arn), 'read');
  t.match(await check({ identityPolicies: policies }), {
    decision: 'allowed',
    legs: [{ status: 'done' }, { status: 'done' }, { status: 'done' }],
  });
});

t.test('an account id is its root ARN, and a check changes and records nothing', async (t) => {
  const { call } = await build(t);
  t.equal((await call('POST', CHECKS, { principal: '222222222222' })).json.principal, 'arn:aws:iam::222222222222:root');
  t.equal((await call('GET', '/v1/secrets/demo%2Fdatabase/policy')).json.policy, null);
  t.same((await call('GET', '/v1/audit-events')).json.items, []);
});

t.test('what can’t be meant is refused, and names the field', async (t) => {
  const { call } = await build(t);
  const refused = async (body: object, path: string | null, status = 400, code = 'validation-failed', url = CHECKS) => {
    const answer = await call('POST', url, body);
    const name = JSON.stringify(body).slice(0, 120);
    t.equal(answer.status, status, name);
    t.equal(answer.json.code, code, name);
    if (path !== null) t.ok(answer.body.includes(`"path":"${path}`), `${name}: ${answer.body}`);
  };
  await refused({}, null);
  await refused({ principal: MARY, principle: MARY }, null);
  await refused({ principal: 'nobody at all' }, '/principal');
  await refused({ principal: 'arn:aws:iam::123456789999:group/admins' }, '/principal', 422, 'principal-not-nameable');
  await refused({ principal: 'arn:aws-cn:iam::123456789999:user/Mary' }, null, 422, 'partition-mismatch');
  await refused({ principal: MARY, action: 'secretsmanager:*' }, '/action');
  await refused({ principal: MARY, action: 's3:GetObject' }, '/action');
  await refused({ principal: MARY, context: { SourceIp: '203.0.113.1' } }, '/context');
  await refused({ principal: MARY, context: { 'aws:SourceIp': 1 } }, '/context');
  await refused(
    { principal: MARY, context: { 'aws:PrincipalArn': 'arn:aws:iam::1:root' } },
    '/context/aws:PrincipalArn',
  );
  await refused({ principal: MARY, context: { 'aws:SourceIp': '::1', 'AWS:SourceIP': '::2' } }, '/context/');
  const keys = Object.fromEntries(Array.from({ length: 51 }, (_, index) => [`aws:PrincipalTag/${index}`, 'x']));
  await refused({ principal: MARY, context: keys }, '/context');
  await refused({ principal: MARY, identityPolicies: [{ Statement: { Effect: 'Perhaps' } }] }, '/identityPolicies/0');
  const resourcePolicy = { Statement: { Effect: 'Allow', Principal: '*', Action: '*', Resource: '*' } };
  await refused({ principal: MARY, identityPolicies: [resourcePolicy] }, '/identityPolicies/0');
  await refused({ principal: MARY, identityPolicies: Array(21).fill({ Statement: [] }) }, '/identityPolicies');
  await refused({ principal: MARY }, null, 404, 'secret-not-found', '/v1/secrets/nothing/access-checks');
  await refused({ principal: MARY }, null, 400, 'validation-failed', `${CHECKS}?dryRun=true`);
});

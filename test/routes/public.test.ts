import { readFileSync } from 'node:fs';
import { PutResourcePolicyCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import t, { type Test } from 'tap';
import { seed, startLocalAws } from '../../src/local-aws/index.ts';
import { type PolicyDocument, type Statement, statementsOf } from '../../src/policy/document.ts';
import { build, type Call, MARY } from '../helper.ts';
import { matchList } from '../match-list.ts';

const BASE = '/v1/secrets/demo%2Fdatabase';
const READS = ['secretsmanager:GetSecretValue', 'secretsmanager:DescribeSecret'];
const EVERYBODY: Statement = { Sid: 'Everybody', Effect: 'Allow', Action: READS, Principal: '*', Resource: '*' };

const shipped: PolicyDocument = JSON.parse(
  readFileSync(new URL('../../docs/iam-policy.json', import.meta.url), 'utf8'),
);
/** The role may put policies without BlockPublicPolicy, which the one that ships may not. */
const loose = {
  ...shipped,
  Statement: statementsOf(shipped).map((one) => (one.Sid?.startsWith('Attach') ? open(one) : one)),
};
function open({ Condition: _, ...statement }: Statement): Statement {
  return statement;
}

/** demo/database, which its owner has opened to everybody, beside what `before` attached. */
async function opened(
  t: Test,
  servicePolicy: PolicyDocument,
  before: (call: Call) => Promise<unknown> = async () => {},
) {
  const aws = await startLocalAws({ port: 0, file: ':memory:', servicePolicy });
  t.teardown(() => aws.close());
  seed(aws);
  const service = await build(t, { aws });
  await before(service.call);
  const owner = new SecretsManagerClient({
    region: 'us-east-1',
    endpoint: aws.url,
    credentials: { accessKeyId: 'LOCALOWNER', secretAccessKey: 'x' },
  });
  t.teardown(() => owner.destroy());
  const SecretId = await service.arnOf('demo/database');
  const { policy } = (await service.call('GET', `${BASE}/policy`)).json;
  const Statement = [...statementsOf(policy), EVERYBODY];
  const ResourcePolicy = JSON.stringify({ Version: '2012-10-17', Statement });
  await owner.send(new PutResourcePolicyCommand({ SecretId, ResourcePolicy, BlockPublicPolicy: false }));
  t.equal(await service.readAs('LOCALMARY', SecretId), 'read', 'everybody reads');
  return { ...service, mary: () => service.readAs('LOCALMARY', SecretId) };
}

t.test('on a secret that is public already, a denial and a restriction pass', async (t) => {
  for (const [list, body] of [
    ['denials', { principal: MARY }],
    ['denials', { account: '123456789999', match: 'arn' }],
    ['restrictions', { boundary: { organization: 'o-elsewhere01' } }],
  ] as const) {
    const { call, mary } = await opened(t, loose);
    const answer = await call('POST', `${BASE}/${list}`, body);
    t.equal(answer.status, 201, answer.body);
    matchList(
      t,
      answer.json.warnings.filter(({ code }: { code: string }) => code === 'public'),
      [{ message: /^Everybody with an AWS account whom nothing denies.*the statement Everybody lets them in/ }],
    );
    t.equal(await mary(), 'AccessDeniedException');
  }
});

t.test('a share that is packed with others is revoked there too', async (t) => {
  const ids: string[] = [];
  const { call } = await opened(t, loose, async (call) => {
    for (const principal of ['222222222222', MARY]) {
      ids.push((await call('POST', `${BASE}/shares`, { principal })).json.share.id);
    }
  });
  const { status, body, json } = await call('DELETE', `${BASE}/shares/${ids[0]}`);
  t.equal(status, 200, body);
  t.match(json.policy.Statement, [{ Principal: { AWS: MARY } }, { Sid: 'Everybody' }]);
});

t.test('what gives anybody anything is refused there, and the statement is named with how to narrow it', async (t) => {
  const { call, mary } = await opened(t, loose);
  const denial = (await call('POST', `${BASE}/denials`, { principal: MARY })).json.denial;
  const Statement = [EVERYBODY, { ...EVERYBODY, Sid: 'More', Action: 'secretsmanager:PutSecretValue' }];
  for (const answer of [
    await call('POST', `${BASE}/shares`, { principal: '222222222222' }),
    await call('DELETE', `${BASE}/denials/${denial.id}`),
    await call('PUT', `${BASE}/policy`, { Version: '2012-10-17', Statement }, { 'if-match': '*' }),
  ]) {
    t.match(answer, { status: 422, json: { code: 'policy-public' } }, answer.body);
    t.match(answer.json.publicStatements, ['the statement Everybody']);
    t.match(answer.json.detail, /The statement Everybody.* everybody in\. Narrow that first \(PUT …\/policy\)/);
    t.notMatch(answer.json.detail, /role of this service/);
  }
  t.equal(await mary(), 'AccessDeniedException');
});

t.test('with the role that ships, the statement is named, and why the service could not do it', async (t) => {
  const { call, mary } = await opened(t, shipped);
  const rehearsal = await call('POST', `${BASE}/denials?dryRun=true`, { principal: MARY });
  t.match(rehearsal, { status: 200, json: { warnings: [{}, { code: 'public', message: /a dry run can’t tell/ }] } });
  const answer = await call('POST', `${BASE}/denials`, { principal: MARY });
  t.match(answer, { status: 422, json: { code: 'policy-public', publicStatements: ['the statement Everybody'] } });
  t.match(answer.json.detail, /only takes access away; but the role of this service may put no policy without Block/);
  t.equal(await mary(), 'read');

  const narrowed = [
    { ...EVERYBODY, Principal: { AWS: '222222222222' } },
    { Sid: 'No', Effect: 'Deny', Action: READS, Principal: { AWS: MARY }, Resource: '*' },
  ];
  const put = await call('PUT', `${BASE}/policy`, { Version: '2012-10-17', Statement: narrowed }, { 'if-match': '*' });
  t.match(put, { status: 200, json: { warnings: [] } }, 'as it said');
  t.equal(await mary(), 'AccessDeniedException');
});

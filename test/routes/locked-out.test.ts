import t, { type Test } from 'tap';
import type { AwsError } from '../../src/local-aws/protocol/errors.ts';
import type { Statement } from '../../src/policy/document.ts';
import { build, MARY } from '../helper.ts';

const BASE = '/v1/secrets/demo%2Fdatabase';
const ROLE = 'arn:aws:iam::111111111111:role/secret-access-service';
const OWNER = 'arn:aws:iam::111111111111:user/owner';
const EDIT = ['secretsmanager:PutResourcePolicy', 'secretsmanager:DeleteResourcePolicy'];
const VPC = { vpc: 'vpc-0b0b0b0b', vpcEndpoint: 'vpce-0a0a0a0a', vpcSourceIp: '10.0.0.7' };

/** The service, on a secret whose policy somebody else has made so. */
async function under(t: Test, statement: object, sid: string | undefined = 'Perimeter') {
  const service = await build(t);
  const { aws, call, arnOf } = service;
  const SecretId = await arnOf('demo/database');
  const Deny = { ...(sid && { Sid: sid }), Effect: 'Deny', Action: EDIT, Resource: '*', ...statement };
  const ResourcePolicy = JSON.stringify({ Version: '2012-10-17', Statement: [Deny] });
  const put = (accessKeyId: string, network?: typeof VPC) => {
    const input = { SecretId, ResourcePolicy };
    try {
      aws.call(accessKeyId, 'us-east-1', 'secretsmanager', 'PutResourcePolicy', input, network);
      return 'done';
    } catch (error) {
      return (error as AwsError).code;
    }
  };
  t.equal(put('LOCALOWNER'), 'done');
  return {
    ...service,
    put,
    share: (query = '') => call('POST', `${BASE}/shares${query}`, { principal: MARY }),
  };
}

t.test(
  'shut out by a Deny of all but a VPC endpoint: it is named, and who comes through the endpoint can edit',
  async (t) => {
    const Condition = { StringNotEquals: { 'aws:SourceVpce': VPC.vpcEndpoint } };
    const { share, put } = await under(t, { Principal: '*', Condition });
    const { status, json } = await share();
    t.match({ status, json }, { status: 502, json: { code: 'aws-access-denied', deniedBy: ['Perimeter'] } });
    t.match(json.detail, /secret’s own policy forbids it \(Perimeter\): no IAM policy of the role helps/);
    t.match(json.detail, /VPC endpoint that the call comes through \(aws:SourceVpce\) is not vpce-0a0a0a0a/);
    t.match(json.detail, /can still edit it.*the root user of account 111111111111/);
    t.notMatch(json.detail, /Allow secretsmanager/, 'which would not help');
    t.notMatch(json.detail, /assumed-role/);
    t.equal(put('LOCALOWNER'), 'AccessDeniedException');
    t.equal(put('LOCALOWNER', VPC), 'done', 'the way that is told');

    t.match(
      (await share('?dryRun=true')).json,
      { code: 'aws-access-denied', deniedBy: ['Perimeter'] },
      'a dry run says the same',
    );
  },
);

t.test('shut out by name: everybody else of the account can still edit', async (t) => {
  const { share, put } = await under(t, { Principal: { AWS: ROLE } });
  const { detail } = (await share()).json;
  t.match(detail, /the root user of account 111111111111; other principals of account 111111111111\./);
  t.equal(put('LOCALOWNER'), 'done');
});

t.test('shut out with all but some: those are named, and not the root user', async (t) => {
  const { share, put } = await under(t, { Principal: '*', Condition: { ArnNotEquals: { 'aws:PrincipalArn': OWNER } } });
  const { detail } = (await share()).json;
  t.match(detail, new RegExp(`with IAM policies that let them: ${OWNER}\\.$`));
  t.notMatch(detail, /root user/);
  t.equal(put('LOCALOWNER'), 'done');
  t.equal(put('LOCALSERVICE'), 'AccessDeniedException');
});

t.test('shut out with everybody: nobody of the account is left', async (t) => {
  const { share, put } = await under(t, { Principal: '*' });
  t.match((await share()).json.detail, /denies everybody of the secret’s account.*AWS Support/);
  t.equal(put('LOCALOWNER'), 'AccessDeniedException');
});

t.test('a statement without a Sid is named by its hash', async (t) => {
  const { share } = await under(t, { Principal: { AWS: ROLE } }, '');
  t.match((await share()).json.deniedBy, [/^[0-9a-f]{24}$/]);
});

t.test('a Deny of the role’s own IAM policy is no matter of the secret’s', async (t) => {
  const { aws, call } = await build(t);
  const Deny: Statement = { Effect: 'Deny', Action: EDIT, Resource: '*' };
  aws.directory.setIdentityPolicies(ROLE, [aws.servicePolicy, { Version: '2012-10-17', Statement: Deny }]);
  const { json } = await call('POST', `${BASE}/shares`, { principal: MARY });
  t.match(json, { code: 'aws-access-denied', detail: /explicit deny \(in the identity-based policy\)/ });
  t.notOk(json.deniedBy);
});

t.test('where the policy can’t be read either, what AWS says is told', async (t) => {
  const { call, aws, arnOf } = await build(t);
  const SecretId = await arnOf('demo/database');
  const Deny = { Effect: 'Deny', Action: 'secretsmanager:*', Resource: '*', Principal: { AWS: ROLE } };
  const ResourcePolicy = JSON.stringify({ Version: '2012-10-17', Statement: [Deny] });
  aws.call('LOCALOWNER', 'us-east-1', 'secretsmanager', 'PutResourcePolicy', { SecretId, ResourcePolicy });
  const { json } = await call('POST', `${BASE}/shares`, { principal: MARY });
  t.match(json, {
    code: 'aws-access-denied',
    detail: /policy of the resource itself.*Whom it does not hit must lift it/,
  });
});

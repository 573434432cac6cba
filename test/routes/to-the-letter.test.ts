import {
  GetResourcePolicyCommand,
  PutResourcePolicyCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import t, { type Test } from 'tap';
import { type FaultProxy, startFaultProxy } from '../aws/fault-proxy.ts';
import { build, MARY } from '../helper.ts';

const BASE = '/v1/secrets/demo%2Fdatabase';
const BIG = '9007199254740993';

/** A Deny of others, with numbers as they may stand at AWS. */
const foreign = (number: string) =>
  `{"Sid":"Theirs","Effect":"Deny","Action":"secretsmanager:DeleteSecret","Principal":"*","Resource":"*","Condition":{"NumericGreaterThan":{"aws:MultiFactorAuthAge":${number}},"StringEquals":{"aws:PrincipalTag/n":[${number},"x"]}}}`;
const policyWith = (number: string) => `{"Version":"2012-10-17","Statement":[${foreign(number)}]}`;

/** The service before an AWS that holds this text, to the letter. `put` is what the service would attach. */
async function holding(t: Test, text: string) {
  let proxy: FaultProxy | undefined;
  const service = await build(t, {
    async endpoint(aws) {
      proxy = await startFaultProxy({ target: aws.url });
      t.teardown(() => proxy?.close());
      return proxy.url;
    },
  });
  const body = JSON.stringify({
    ARN: await service.arnOf('demo/database'),
    Name: 'demo/database',
    ResourcePolicy: text,
  });
  proxy?.inject('GetResourcePolicy', { do: 'reply', body });
  const puts: string[] = [];
  proxy?.inject('PutResourcePolicy', {
    do: 'hook',
    run: ({ body: sent }) => void puts.push(JSON.parse(sent).ResourcePolicy),
  });
  return { ...service, puts };
}

t.test('numbers in statements of others keep every digit, in what is sent, shown, hashed and recorded', async (t) => {
  for (const number of [BIG, '-9007199254740995', '1e400', '0.12345678901234567890', '1.0']) {
    const { call, puts } = await holding(t, policyWith(number));
    const share = await call('POST', `${BASE}/shares`, { principal: MARY });
    t.equal(share.status, 201, share.body);
    t.equal(puts.length, 1);
    t.ok(puts[0]?.startsWith(policyWith(`"${number}"`).slice(0, -2)), 'quoted, as IAM quotes numbers itself');
    const [statement] = (await call('GET', `${BASE}/policy`)).json.foreign;
    t.equal(statement.Condition.NumericGreaterThan['aws:MultiFactorAuthAge'], number);
    const { items } = (await call('GET', '/v1/audit-events?action=share&outcome=applied')).json;
    const event = (await call('GET', `/v1/audit-events/${items[0].id}`)).json;
    t.same(event.policy.after.Statement[0].Condition['StringEquals'], { 'aws:PrincipalTag/n': [number, 'x'] });
  }
});

t.test('numbers that JavaScript writes alike stay numbers', async (t) => {
  const { call, puts } = await holding(t, policyWith('300'));
  t.equal((await call('POST', `${BASE}/shares`, { principal: MARY })).status, 201);
  t.ok(puts[0]?.startsWith(policyWith('300').slice(0, -2)));
});

t.test('policies that differ in the last digit have different tags, quoted or not the same one', async (t) => {
  const etag = async (number: string) =>
    (await (await holding(t, policyWith(number))).call('GET', `${BASE}/policy`)).json.etag;
  t.not(await etag(BIG), await etag('9007199254740992'));
  t.equal(await etag(BIG), await etag(`"${BIG}"`));
});

t.test('a document that is put keeps its digits at AWS, and through a share beside it', async (t) => {
  const { app, aws, call, arnOf } = await build(t);
  const put = await app.inject({
    method: 'PUT',
    url: `${BASE}/policy`,
    headers: { 'content-type': 'application/json', 'if-none-match': '*' },
    payload: policyWith(BIG),
  });
  t.equal(put.statusCode, 200, put.body);
  t.equal((await call('POST', `${BASE}/shares`, { principal: MARY })).status, 201);
  const owner = new SecretsManagerClient({
    region: 'us-east-1',
    endpoint: aws.url,
    credentials: { accessKeyId: 'LOCALOWNER', secretAccessKey: 'x' },
  });
  t.teardown(() => owner.destroy());
  const SecretId = await arnOf('demo/database');
  const seen = async () => (await owner.send(new GetResourcePolicyCommand({ SecretId }))).ResourcePolicy ?? '';
  t.match(await seen(), `{"aws:MultiFactorAuthAge":"${BIG}"}`);
  await owner.send(new PutResourcePolicyCommand({ SecretId, ResourcePolicy: policyWith('9007199254740995') }));
  t.equal((await call('POST', `${BASE}/shares`, { principal: '222222222222' })).status, 201);
  t.match(await seen(), '{"aws:MultiFactorAuthAge":"9007199254740995"}');
});

t.test('an attached policy that can’t be read is told, where and why, and nothing is changed', async (t) => {
  const unreadable: [string, RegExp][] = [
    ['{"Version":"2012-10-17"', /It is not JSON/],
    ['<html>', /It is not JSON/],
    ['{"Statement":{"Effect":"Allow","Sid":"a","Sid":"b"}}', /same name twice/],
    [String.raw`{"Statement":{"Effect":"Allow","Sid":"\ud800"}}`, /half of a surrogate pair/],
    ['{"Statement":{"Effect":"Permit"}}', /does not follow the IAM policy grammar/],
    ['[]', /does not follow the IAM policy grammar/],
    [`${'['.repeat(40)}${']'.repeat(40)}`, /nested deeper/],
  ];
  for (const [text, why] of unreadable) {
    const { call, puts } = await holding(t, text);
    const asked = [
      await call('GET', `${BASE}/policy`),
      await call('GET', `${BASE}/readers`),
      await call('POST', `${BASE}/access-checks`, { principal: MARY }),
      await call('POST', `${BASE}/shares`, { principal: MARY }),
      await call('POST', `${BASE}/shares?dryRun=true`, { principal: MARY }),
      await call('DELETE', `${BASE}/policy`, undefined, { 'if-match': '*' }),
    ];
    for (const answer of asked)
      t.match(answer, { status: 409, json: { code: 'policy-unreadable', detail: why } }, `${text}: ${answer.body}`);
    t.same(puts, []);
    t.equal((await call('GET', BASE)).status, 200, 'the secret itself is seen');
  }
  const { call } = await holding(t, '{"Statement":{"Effect":"Permit"}}');
  t.match((await call('GET', `${BASE}/policy`)).json.errors, [{ path: /Effect/ }]);
});

import { CreateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import t from 'tap';
import { build, MARY } from '../helper.ts';
import { matchList } from '../match-list.ts';

const SECRET = '/v1/secrets/demo%2Fdatabase';
const OWN_ROLE = 'arn:aws:iam::111111111111:role/secret-access-service';
const NOBODY = 'arn:aws:iam::123456789999:user/Nobody';
const DESCRIBE = ['secretsmanager:DescribeSecret'];

t.test(
  'a principal that AWS does not know is principal-not-found, of a share and a denial, in a dry run too',
  async (t) => {
    const { call } = await build(t);
    for (const list of ['shares', 'denials']) {
      for (const query of ['', '?dryRun=true']) {
        const { status, json } = await call('POST', `${SECRET}/${list}${query}`, { principal: NOBODY });
        t.match(
          { status, code: json.code, awsRequestId: json.awsRequestId },
          {
            status: 422,
            code: 'principal-not-found',
            awsRequestId: String,
          },
          `${list}${query}`,
        );
      }
    }
  },
);

t.test('an id that no entry, event, operation, approval or change has is 404, whatever it looks like', async (t) => {
  const { call } = await build(t);
  const { headers } = await call('GET', `${SECRET}/policy`);
  for (const [url, code] of [
    [`${SECRET}/shares/nope`, 'share-not-found'],
    [`${SECRET}/denials/nope`, 'denial-not-found'],
    [`${SECRET}/restrictions/nope`, 'restriction-not-found'],
    ['/v1/audit-events/nope', 'event-not-found'],
    ['/v1/operations/nope', 'operation-not-found'],
    ['/v1/approvals/nope', 'approval-not-found'],
    ['/v1/templates/nope', 'template-not-found'],
  ] as const) {
    t.match(await call('GET', url), { status: 404, json: { code } }, url);
  }
  t.match(await call('DELETE', `${SECRET}/shares/nope`), { status: 404, json: { code: 'share-not-found' } });
  const etag = { 'if-match': String(headers['etag']) };
  const rollback = await call('POST', `${SECRET}/policy/rollback`, { changeId: 'nope' }, etag);
  t.match(rollback, { status: 404, json: { code: 'change-not-found' } });
});

t.test('a Deny of DescribeSecret that would shut the service out is refused; one that spares it is not', async (t) => {
  const { call } = await build(t);
  const deny = (body: object) => call('POST', `${SECRET}/denials`, { actions: DESCRIBE, ...body });
  const restrict = (body: object) => call('POST', `${SECRET}/restrictions`, { actions: DESCRIBE, ...body });
  const boundary = { organization: 'o-local00001' };
  const everybody = { Statement: [{ Effect: 'Deny', Principal: '*', Action: DESCRIBE, Resource: '*' }] };
  for (const refused of [
    await deny({ account: '111111111111' }),
    await deny({ principal: OWN_ROLE }),
    await deny({ principal: OWN_ROLE, match: 'arn' }),
    await restrict({ boundary }),
    await restrict({ boundary: { principals: [MARY] } }),
    await call('PUT', `${SECRET}/policy`, everybody, { 'if-none-match': '*' }),
  ]) {
    t.match(refused, { status: 422, json: { code: 'policy-locks-out-caller', caller: OWN_ROLE } });
  }
  for (const made of [
    await deny({ principal: MARY }),
    await deny({ account: '123456789999' }),
    await deny({ principal: 'arn:aws:iam::111111111111:user/owner' }),
    await restrict({ boundary, exceptPrincipals: [OWN_ROLE] }),
    await restrict({ boundary: { principals: [MARY, '111111111111'] } }),
  ]) {
    t.equal(made.status, 201);
  }
  t.equal((await call('GET', `${SECRET}/policy`)).status, 200, 'and the service still reads it');
});

t.test('a secret that an AWS service manages is changed with a warning, unless AWS refuses', async (t) => {
  const { call, aws, readAs } = await build(t);
  const owner = new SecretsManagerClient({
    region: 'us-east-1',
    endpoint: aws.url,
    credentials: { accessKeyId: 'LOCALOWNER', secretAccessKey: 'x' },
  });
  t.teardown(() => owner.destroy());
  const secret = { Name: 'rds!db-1', KmsKeyId: 'alias/demo', SecretString: 'x' };
  const { ARN: arn = '' } = await owner.send(new CreateSecretCommand(secret));
  t.match(await call('GET', '/v1/secrets/rds!db-1'), { status: 200, json: { owningService: 'rds' } });
  matchList(t, (await call('GET', '/v1/secrets?name=rds!')).json.items, [{ name: 'rds!db-1' }]);
  const share = await call('POST', '/v1/secrets/rds%21db-1/shares', { principal: MARY });
  t.equal(share.status, 201);
  matchList(t, share.json.warnings, [{ code: 'managed-elsewhere', message: /rds manages/ }]);
  t.equal(await readAs('LOCALMARY', arn), 'read');

  aws.setOwningService(arn, 'rds', { closed: true });
  const denial = await call('POST', '/v1/secrets/rds%21db-1/denials', { principal: MARY });
  t.match(denial, { status: 409, json: { code: 'secret-managed-by-service', detail: /AWS says: .*managed/ } });
  t.ok(denial.json.awsRequestId, 'AWS was asked');
  matchList(t, (await call('GET', '/v1/audit-events?action=deny')).json.items, [
    { phase: 'outcome', outcome: 'failed', error: { code: 'secret-managed-by-service' } },
    { phase: 'intent' },
  ]);
  t.equal(await readAs('LOCALMARY', arn), 'read', 'nothing was changed');
});

t.test('addresses that no network has are refused before AWS is asked', async (t) => {
  const { call } = await build(t);
  const restrict = (address: string) =>
    call('POST', `${SECRET}/restrictions?dryRun=true`, { boundary: { sourceIps: [address] } });
  for (const wrong of ['10.0.0.0/33', '256.1.1.1', '1.2.3', '2001:db8::/129', 'localhost', '']) {
    t.match(await restrict(wrong), { status: 400, json: { errors: [{ path: /^\/boundary\/sourceIps/ }] } }, wrong);
  }
  for (const right of [
    '10.0.0.0/8',
    '203.0.113.255/32',
    '0.0.0.0/0',
    '::1',
    '2001:db8::/32',
    '::/0',
    '1:2:3:4:5:6:7:8',
  ]) {
    t.equal((await restrict(right)).status, 200, right);
  }
});

t.test('what fits none of several forms is said once, and in words', async (t) => {
  const { call } = await build(t);
  const errorsOf = async (boundary: object) =>
    (await call('POST', `${SECRET}/restrictions`, { boundary })).json.errors as unknown[];
  matchList(t, await errorsOf({ nothing: 1 }), [
    { path: '/boundary', message: /^must have exactly one of organization, / },
  ]);
  t.strictSame(await errorsOf({ vpcs: [] }), [{ path: '/boundary/vpcs', message: 'must not be empty' }]);
  t.equal((await errorsOf({ organization: 'o-local00001', vpcs: ['vpc-12345678'] })).length, 1);
  const policy = { Statement: [{ Effect: 'Perhaps', Principal: '*', Action: '*', Resource: '*', Denny: 1 }] };
  const put = await call('PUT', `${SECRET}/policy`, policy, { 'if-none-match': '*' });
  t.equal(put.json.code, 'policy-malformed');
  t.strictSame(put.json.errors, [
    { path: '/Statement/0/Denny', message: 'is not known here' },
    { path: '/Statement/0/Effect', message: 'must be Allow, or must be Deny' },
  ]);
});

t.test(
  'a document that names what no policy can is refused before AWS is asked, for good, and says what to name',
  async (t) => {
    const { call } = await build(t);
    const { headers } = await call('GET', `${SECRET}/policy`);
    const put = (statement: object) =>
      call(
        'PUT',
        `${SECRET}/policy`,
        { Statement: { Effect: 'Deny', Action: 'secretsmanager:GetSecretValue', Resource: '*', ...statement } },
        { 'if-match': String(headers['etag']) },
      );
    for (const [element, advice] of [
      [{ AWS: [MARY, 'arn:aws:iam::123456789999:group/admins'] }, /Name its users/],
      [{ AWS: 'arn:aws:iam::123456789999:role/*' }, /ArnLike aws:PrincipalArn/],
      [{ AWS: 'arn:aws:sts::123456789999:assumed-role/app/*' }, /Name their role/],
      [{ AWS: 'arn:aws:iam::123456789999:instance-profile/web' }, /the role in it/],
      [{ Federated: 'arn:aws:iam::123456789999:saml-provider/idp' }, /Name the role that it lets people assume/],
      [{ Federated: 'accounts.google.com' }, /Name the role that it lets people assume/],
      [{ AWS: 'AROAQ3EGSBS4XFEXAMPLE' }, /Name its ARN/],
      [{ CanonicalUser: '79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be' }, /its 12 digits/],
    ] as const) {
      for (const member of ['Principal', 'NotPrincipal']) {
        const { status, json } = await put({ [member]: element });
        const refusal = { status: 422, code: 'principal-not-nameable', retryable: false, detail: advice };
        t.match({ status, ...json }, refusal, JSON.stringify(element));
        t.notOk('awsRequestId' in json, 'AWS was not asked');
      }
    }
    t.match(await put({ Principal: { AWS: '*' } }), { status: 200 }, 'everybody is no pattern');
  },
);

t.test('a document far larger than AWS takes is told its size', async (t) => {
  const { call } = await build(t);
  const statement = {
    Effect: 'Allow',
    Principal: { AWS: MARY },
    Action: 'secretsmanager:GetSecretValue',
    Resource: '*',
  };
  const document = { Version: '2012-10-17', Statement: Array.from({ length: 400 }, () => statement) };
  const put = await call('PUT', `${SECRET}/policy`, document, { 'if-none-match': '*' });
  const size = JSON.stringify(document).length;
  t.match(put, { status: 422, json: { code: 'policy-too-large', size, limit: 20_480 } });
  t.match(put.json.detail, `${size}`);
});

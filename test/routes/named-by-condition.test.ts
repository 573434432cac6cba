import t from 'tap';
import { build } from '../helper.ts';

/** Permission sets, organizational units and services: whom only a condition can name. */

const SECRET = '/v1/secrets/demo%2Fdatabase';
const OPS = { permissionSet: { name: 'Ops', account: '222222222222' } };
const EVERYTHING = {
  Version: '2012-10-17' as const,
  Statement: [{ Effect: 'Allow' as const, Action: ['secretsmanager:*', 'kms:*'], Resource: '*' }],
};
const signedIn = (name: string, region = 'eu-west-1/') =>
  `arn:aws:iam::222222222222:role/aws-reserved/sso.amazonaws.com/${region}AWSReservedSSO_${name}`;

t.test('a permission set reads, also provisioned anew, and no other set by a longer name', async (t) => {
  const { call, readAs, arnOf, aws } = await build(t);
  const arn = await arnOf('demo/database');
  const { KmsKeyId = '' } = aws.call('LOCALOWNER', 'us-east-1', 'secretsmanager', 'DescribeSecret', { SecretId: arn });
  const roles = {
    OPS: signedIn('Ops_0123456789abcdef'),
    ANEW: signedIn('Ops_fedcba9876543210', ''),
    ADMIN: signedIn('Ops_Admin_0123456789abcdef'),
    FAKE: 'arn:aws:iam::222222222222:role/AWSReservedSSO_Ops_0000000000000000',
  };
  for (const [accessKeyId, role] of Object.entries(roles)) {
    aws.directory.createRole({ arn: role, policies: [EVERYTHING], accessKeyId });
  }
  for (const GranteePrincipal of Object.values(roles)) {
    const grant = { KeyId: KmsKeyId, GranteePrincipal, Operations: ['Decrypt', 'DescribeKey'] };
    aws.call('LOCALOWNER', 'us-east-1', 'kms', 'CreateGrant', grant);
  }
  const share = await call('POST', `${SECRET}/shares`, OPS);
  t.equal(share.status, 201);
  t.match(share.json.share, {
    ...OPS,
    words: { who: 'whoever has the permission set Ops in the account 222222222222' },
  });
  t.match(share.json.legs[0], { leg: 'secretPolicy', status: 'done' });
  const reads = async () =>
    Object.fromEntries(await Promise.all(Object.keys(roles).map(async (id) => [id, await readAs(id, arn)])));
  const refused = 'AccessDeniedException';
  t.same(await reads(), { OPS: 'read', ANEW: 'read', ADMIN: refused, FAKE: refused });

  const readers = (await call('GET', `${SECRET}/readers`)).json;
  t.match(readers.items, [{ kind: 'permissionSet', decision: 'allowed', entryIds: [share.json.share.id] }]);
  const other = await call('POST', `${SECRET}/shares`, { permissionSet: { name: 'Ops', account: '333333333333' } });
  t.equal(other.json.policy.Statement.length, 1, 'one set in several accounts shares a statement');

  const denial = await call('POST', `${SECRET}/denials`, OPS);
  t.equal(denial.status, 201);
  t.match(denial.json.denial, OPS);
  t.same(await reads(), { OPS: refused, ANEW: refused, ADMIN: refused, FAKE: refused });
  t.equal((await call('DELETE', `${SECRET}/denials/${denial.json.denial.id}`)).status, 200);
  t.equal((await call('DELETE', `${SECRET}/shares/${share.json.share.id}`)).status, 200);
  t.match((await call('GET', `${SECRET}/shares`)).json.items, [{ permissionSet: { account: '333333333333' } }]);
});

t.test('the accounts of an organizational unit read, and none beside it', async (t) => {
  const { call, readAs, arnOf, aws } = await build(t);
  const arn = await arnOf('demo/database');
  const unit = 'o-local00001/r-root/ou-root-workload';
  const below = ['r-root', 'ou-root-workload', 'ou-root-payments'];
  aws.accounts.setOrganization('123456789999', 'o-local00001', below);
  aws.accounts.setOrganization('222222222222', 'o-local00001', ['r-root', 'ou-root-workloads']);
  const share = await call('POST', `${SECRET}/shares`, { organizationalUnit: unit });
  t.equal(share.status, 201);
  const gains: { kind: string; conditions: string[] }[] = share.json.effect.gains;
  const ofOrganization = gains.find(({ kind }) => kind === 'organization');
  t.ok(ofOrganization?.conditions.some((words) => words.includes('place in its organization')));
  t.equal(await readAs('LOCALMARY', arn), 'read');
  t.equal(await readAs('LOCALAPP', arn), 'AccessDeniedException');
  const readers = (await call('GET', `${SECRET}/readers`)).json;
  t.match(readers.items, [{ principal: unit, kind: 'organizationalUnit', decision: 'allowed' }]);
});

t.test('a service is named together with whom it acts for', async (t) => {
  const { call } = await build(t);
  const service = { name: 'appflow.amazonaws.com', sourceAccount: '222222222222' };
  const { status, json } = await call('POST', `${SECRET}/shares`, { service });
  t.equal(status, 201);
  t.match(json.share, { service });
  const [{ Condition }] = json.policy.Statement;
  t.same(Condition, { StringEquals: { 'aws:SourceAccount': '222222222222' } });
  const legs = Object.fromEntries(json.legs.map((leg: { leg: string; status: string }) => [leg.leg, leg.status]));
  t.match(legs, { secretPolicy: 'done', identityPolicy: 'notNeeded' });
  for (const bad of [
    { name: 'appflow.amazonaws.com' },
    { ...service, sourceArn: 'arn:aws:appflow:us-east-1:333333333333:flow/x' },
    { ...service, name: 'appflow.example.com' },
  ]) {
    t.match(await call('POST', `${SECRET}/shares`, { service: bad }), { status: 400 });
  }
  t.match(await call('POST', `${SECRET}/shares`, { service, grantKey: true }), { status: 400 });
  t.match(await call('POST', `${SECRET}/shares`, { service, principalTags: { a: 'b' } }), { status: 400 });
});

import t from 'tap';
import { type FaultProxy, startFaultProxy } from '../aws/fault-proxy.ts';
import { build, MARY } from '../helper.ts';
import { matchList } from '../match-list.ts';
import { gate, until } from '../wait.ts';

const SHARES = '/v1/secrets/demo%2Fdatabase/shares';
const DENIALS = '/v1/secrets/demo%2Fdatabase/denials';
const POLICY = '/v1/secrets/demo%2Fdatabase/policy';

t.test('Mary can’t read, can after the share, and can’t after the denial', async (t) => {
  const { call, readAs, arnOf } = await build(t);
  const arn = await arnOf('demo/database');
  t.equal(await readAs('LOCALMARY', arn), 'AccessDeniedException');
  const share = await call('POST', SHARES, { principal: MARY, reason: 'report', ticket: 'OPS-1' });
  t.equal(share.status, 201);
  t.equal(await readAs('LOCALMARY', arn), 'read');
  const denial = await call('POST', DENIALS, { principal: MARY });
  t.equal(denial.status, 201);
  t.equal(await readAs('LOCALMARY', arn), 'AccessDeniedException');
});

t.test('the statements of the AWS guide come out of one call each, with only a Sid added', async (t) => {
  const { call } = await build(t);
  const share = await call('POST', SHARES, {
    principal: MARY,
    actions: ['secretsmanager:*'],
    acknowledgeEscalation: true,
  });
  const [allow] = share.json.policy.Statement;
  const { Sid, ...rest } = allow;
  t.match(Sid, /^[A-Za-z0-9]+$/);
  t.same(rest, { Effect: 'Allow', Action: 'secretsmanager:*', Principal: { AWS: MARY }, Resource: '*' });
  matchList(t, share.json.warnings, [{ code: 'escalation' }]);
  const denial = await call('POST', DENIALS, { principal: MARY });
  const { Sid: _, ...deny } = denial.json.policy.Statement[1];
  t.same(deny, { Effect: 'Deny', Action: 'secretsmanager:GetSecretValue', Principal: { AWS: MARY }, Resource: '*' });
});

t.test('repeating a share changes nothing and answers 200', async (t) => {
  const { call } = await build(t);
  const first = await call('POST', SHARES, { principal: '222222222222' });
  const second = await call('POST', SHARES, { principal: 'arn:aws:iam::222222222222:root' });
  t.equal(first.status, 201);
  t.equal(second.status, 200);
  t.equal(second.json.changed, false);
  t.equal(second.json.share.id, first.json.share.id);
  t.same(second.json.diff, []);
  t.equal(second.json.etag, first.json.etag);
});

t.test('a share is listed, read at its Location, and revoked', async (t) => {
  const { call } = await build(t);
  const { json, headers } = await call('POST', SHARES, { principal: MARY });
  const location = String(headers['location']);
  const { items, nextCursor } = (await call('GET', SHARES)).json;
  matchList(t, items, [{ ...json.share, reason: null, changeId: json.changeId }]);
  t.equal(nextCursor, null);
  t.same((await call('GET', location)).json, items[0]);
  const revoked = await call('DELETE', `${location}?reason=done&ticket=OPS-2`);
  t.equal(revoked.status, 200);
  t.equal(revoked.json.policy, null);
  t.equal((await call('GET', location)).json.code, 'share-not-found');
  t.equal((await call('DELETE', location)).status, 404);
  const events = (await call('GET', '/v1/audit-events?action=revoke')).json.items;
  matchList(t, events, [
    { phase: 'outcome', outcome: 'applied', reason: 'done', ticket: 'OPS-2' },
    { phase: 'intent' },
  ]);
});

t.test('statements of others survive to the letter, whatever is shared and revoked', async (t) => {
  const { call } = await build(t);
  const foreign = {
    Sid: 'TerraformDoes',
    Effect: 'Allow',
    Principal: { AWS: ['arn:aws:iam::222222222222:role/app'] },
    Action: ['secretsmanager:GetSecretValue'],
    Resource: ['*'],
    Condition: { Bool: { 'aws:SecureTransport': ['true'] } },
  };
  await call('PUT', POLICY, { Version: '2012-10-17', Statement: [foreign] }, { 'if-none-match': '*' });
  const before = (await call('GET', POLICY)).json;
  const { json } = await call('POST', SHARES, { principal: MARY });
  t.same((await call('GET', POLICY)).json.foreign, before.foreign);
  await call('DELETE', `${SHARES}/${json.share.id}`);
  t.equal((await call('GET', POLICY)).json.etag, before.etag);
});

t.test('100 shares at once are all in the policy, for four policy calls at most', async (t) => {
  let proxy: FaultProxy | undefined;
  const arrived = gate();
  const { app, call } = await build(t, {
    endpoint: async ({ url }) => {
      proxy = await startFaultProxy({ target: url });
      proxy.inject('GetResourcePolicy', { do: 'hook', run: () => arrived.passed }, (n) => n === 1);
      return proxy.url;
    },
  });
  t.teardown(() => proxy?.close());
  const accounts = Array.from({ length: 100 }, (_, index) => String(300000000000 + index));
  const asked = accounts.map((principal) => call('POST', SHARES, { principal }));
  // What comes while the first cycle runs shares the second; all may come before it takes anything.
  await until(() => app.services.policyChanger.depth === 100);
  arrived.open();
  const answers = await Promise.all(asked);
  t.same([...new Set(answers.map(({ status }) => status))], [201]);
  const [get = 0, put = 0, ...others] = ['Get', 'Put', 'Delete', 'Validate'].map((verb) =>
    proxy?.calls(`${verb}ResourcePolicy`),
  );
  t.ok(get <= 2 && put === get, `${get} and ${put}`);
  t.same(others, [0, 0]);
  const { shares } = (await call('GET', POLICY)).json;
  t.same(shares.map((share: { principal: string }) => share.principal.split(':')[4]).sort(), accounts);
});

t.test('one bad principal in a burst fails alone', async (t) => {
  const { call } = await build(t, {});
  const principals = [
    ...Array.from({ length: 9 }, (_, index) => String(300000000000 + index)),
    'arn:aws:iam::222222222222:role/nobody',
  ];
  const answers = await Promise.all(principals.map((principal) => call('POST', SHARES, { principal })));
  t.same(
    answers.map(({ status }) => status),
    [...Array(9).fill(201), 422],
  );
  t.equal(answers[9]?.json.code, 'principal-not-found');
  t.equal((await call('GET', POLICY)).json.shares.length, 9);
  const refused = (await call('GET', '/v1/audit-events?outcome=refused')).json.items;
  matchList(t, refused, [{ error: { code: 'principal-not-found' } }]);
});

t.test('a dry run says what would be, and changes nothing', async (t) => {
  const { call } = await build(t);
  const rehearsal = await call('POST', `${SHARES}?dryRun=true`, { principal: MARY });
  t.equal(rehearsal.status, 200);
  t.match(rehearsal.json, { dryRun: true, changed: true, share: { principal: MARY } });
  t.equal((await call('GET', POLICY)).json.policy, null);
  t.same((await call('GET', '/v1/audit-events')).json.items, []);
});

t.test('refusals are plain, and change nothing', async (t) => {
  const { call } = await build(t);
  const refused = async (url: string, body: unknown, status: number, code: string) => {
    const answer = await call('POST', url, body);
    t.equal(answer.status, status, JSON.stringify(body));
    t.equal(answer.json.code, code, answer.body);
    t.match(String(answer.headers['content-type']), 'application/problem+json');
  };
  await refused(SHARES, { principal: MARY, denny: true }, 400, 'validation-failed');
  await refused(SHARES, {}, 400, 'validation-failed');
  await refused(SHARES, { principal: MARY, organization: 'o-local00001' }, 400, 'validation-failed');
  await refused(SHARES, { principal: 'arn:aws:iam::123456789999:group/admins' }, 422, 'principal-not-nameable');
  await refused(SHARES, { principal: MARY, expiresAt: '2020-01-01T00:00:00Z' }, 400, 'validation-failed');
  await refused(SHARES, { principal: MARY, actions: ['secretsmanager:*'] }, 422, 'escalation-not-acknowledged');
  await refused(SHARES, { principal: 'arn:aws-cn:iam::123456789999:user/Mary' }, 422, 'partition-mismatch');
  await refused(SHARES, { principal: 'arn:aws:iam::123456789999:user/mary' }, 422, 'principal-not-found');
  await refused('/v1/secrets/demo%2Fdefault-key/shares', { principal: MARY }, 422, 'kms-key-not-shareable');
  await refused('/v1/secrets/nothing/shares', { principal: MARY }, 404, 'secret-not-found');
  await refused(`${SHARES}?dryrun=true`, { principal: MARY }, 400, 'validation-failed');
  t.equal((await call('GET', POLICY)).json.policy, null);
});

t.test('the default key can be shared when that is acknowledged, with a warning', async (t) => {
  const { call } = await build(t);
  const share = await call('POST', '/v1/secrets/demo%2Fdefault-key/shares', {
    principal: MARY,
    acknowledgeUnreadable: true,
  });
  t.equal(share.status, 201);
  matchList(t, share.json.warnings, [{ code: 'kms-key-not-shareable' }]);
  matchList(t, share.json.legs, [
    { leg: 'secretPolicy' },
    { leg: 'keyPolicy', status: 'missing' },
    { leg: 'identityPolicy' },
  ]);
});

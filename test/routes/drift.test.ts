import { PutResourcePolicyCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import t from 'tap';
import { build, MARY } from '../helper.ts';
import { matchList } from '../match-list.ts';

const BASE = '/v1/secrets/demo%2Fdatabase';

const theirs = {
  Sid: 'Terraform',
  Effect: 'Allow',
  Principal: { AWS: 'arn:aws:iam::222222222222:root' },
  Action: 'secretsmanager:DescribeSecret',
  Resource: '*',
};

/** Terraform's apply: the whole policy, as if ours were not there. */
async function overwrite(url: string, arn: string, ...statements: object[]): Promise<void> {
  const owner = new SecretsManagerClient({
    region: 'us-east-1',
    endpoint: url,
    credentials: { accessKeyId: 'LOCALOWNER', secretAccessKey: 'x' },
  });
  const ResourcePolicy = JSON.stringify({ Version: '2012-10-17', Statement: statements });
  await owner.send(new PutResourcePolicyCommand({ SecretId: arn, ResourcePolicy }));
  owner.destroy();
}

t.test('what an outside writer drops is reported, recorded, and restored in one call', async (t) => {
  const { call, aws, arnOf } = await build(t);
  const arn = await arnOf('demo/database');
  const mary = (await call('POST', `${BASE}/shares`, { principal: MARY })).json.share;
  const denied = (await call('POST', `${BASE}/denials`, { account: '333333333333' })).json.denial;
  await overwrite(aws.url, arn, theirs);

  const seen = (await call('GET', `${BASE}/policy`)).json;
  t.same(seen.missing.map(({ id }: { id: string }) => id).sort(), [mary.id, denied.id].sort(), 'before it is recorded');
  t.equal(seen.shares.length, 0);

  await call('POST', `${BASE}/shares`, { principal: '444444444444' });
  const [drift] = (await call('GET', '/v1/audit-events?action=drift')).json.items;
  t.match(drift, {
    actor: { subject: 'outside', method: 'system' },
    outcome: 'applied',
    policy: { after: { Statement: [theirs] } },
  });
  const after = (await call('GET', `${BASE}/policy`)).json;
  t.equal(after.missing.length, 2, 'still missing after a change of ours');
  t.match(after.foreign, [theirs]);

  const unconditional = await call('POST', `${BASE}/policy/restore-drift`, {});
  t.equal(unconditional.status, 428);
  const restored = await call('POST', `${BASE}/policy/restore-drift`, { reason: 'ours' }, { 'if-match': after.etag });
  t.equal(restored.status, 200);
  const whole = (await call('GET', `${BASE}/policy`)).json;
  t.same(whole.missing, []);
  t.match(whole.foreign, [theirs]);
  t.ok(whole.shares.some(({ id }: { id: string }) => id === mary.id));
  t.ok(whole.denials.some(({ id }: { id: string }) => id === denied.id));
  t.equal((await call('GET', '/v1/audit-events?action=drift')).json.items.length, 1, 'recorded once');
});

t.test('an entry that is missed can be let go by revoking it', async (t) => {
  const { call, aws, arnOf } = await build(t);
  const arn = await arnOf('demo/database');
  const { share } = (await call('POST', `${BASE}/shares`, { principal: MARY })).json;
  await overwrite(aws.url, arn, theirs);
  const revoked = await call('DELETE', `${BASE}/shares/${share.id}`);
  t.match(revoked.json, { changed: false, share: { id: share.id } });
  t.same((await call('GET', `${BASE}/policy`)).json.missing, []);
  t.equal((await call('DELETE', `${BASE}/shares/${share.id}`)).status, 404);
});

t.test('a deleted principal is an orphan, not a missing share', async (t) => {
  const { call, aws } = await build(t);
  await call('POST', `${BASE}/shares`, { principal: MARY });
  aws.directory.deletePrincipal(MARY);
  const { missing, shares } = (await call('GET', `${BASE}/policy`)).json;
  t.same(missing, []);
  matchList(t, shares, [{ orphaned: true, principal: /^AIDA/ }]);
});

const perimeter = {
  Sid: 'Perimeter',
  Effect: 'Deny',
  Principal: { AWS: MARY },
  Action: 'secretsmanager:GetSecretValue',
  Resource: '*',
};

t.test(
  'a Deny of others that was dropped with a share of ours does not come back with it, which is said',
  async (t) => {
    const { call, aws, arnOf, readAs } = await build(t);
    const arn = await arnOf('demo/database');
    await overwrite(aws.url, arn, perimeter, { ...perimeter, Sid: 'Stays', Action: 'secretsmanager:DeleteSecret' });
    await call('POST', `${BASE}/shares`, { principal: MARY });
    t.equal(await readAs('LOCALMARY', arn), 'AccessDeniedException', 'denied by others');
    await overwrite(aws.url, arn, theirs, { ...perimeter, Sid: 'Stays', Action: 'secretsmanager:DeleteSecret' });

    const restore = (query = '') =>
      call('POST', `${BASE}/policy/restore-drift${query}`, {}, { 'if-match': '*' }).then(({ json }) => json);
    matchList(t, (await restore('?dryRun=true')).warnings, [{ code: 'foreign-denials-dropped', message: /Perimeter/ }]);
    await call('POST', `${BASE}/shares`, { principal: '444444444444' });
    const restored = await restore();
    matchList(t, restored.warnings, [{ code: 'foreign-denials-dropped', message: /Perimeter.*rollback/ }]);
    t.equal(await readAs('LOCALMARY', arn), 'read', 'as the warning says');

    const changeId = /changeId (\S+)/.exec(restored.warnings[0].message)?.[1];
    const [drift] = (await call('GET', '/v1/audit-events?action=drift')).json.items;
    t.equal(changeId, drift.changeId);
    const one = await call('GET', `/v1/audit-events/${drift.id}`);
    t.match(one.json.policy.droppedDenials, [{ statement: perimeter, changeId }]);
    const back = await call('POST', `${BASE}/policy/rollback`, { changeId }, { 'if-match': '*' });
    t.equal(back.status, 200, back.body);
    t.equal(await readAs('LOCALMARY', arn), 'AccessDeniedException', 'the Deny is back, with the share');
    t.same((await restore()).warnings, [], 'nothing is missed any more');
  },
);

t.test('a Deny of others that comes back by itself, or goes with no share of ours, is no warning', async (t) => {
  const { call, aws, arnOf } = await build(t);
  const arn = await arnOf('demo/database');
  await overwrite(aws.url, arn, perimeter);
  await call('POST', `${BASE}/denials`, { account: '333333333333' });
  await overwrite(aws.url, arn, theirs);
  const restore = async () =>
    (await call('POST', `${BASE}/policy/restore-drift`, {}, { 'if-match': '*' })).json.warnings;
  t.same(await restore(), [], 'a denial of ours lets nobody in');
  await call('POST', `${BASE}/shares`, { principal: '444444444444' });
  await overwrite(aws.url, arn, theirs);
  await overwrite(aws.url, arn, theirs, { ...perimeter, Action: ['secretsmanager:GetSecretValue'] });
  t.same(await restore(), [], 'it is there, however it is spelled');
});

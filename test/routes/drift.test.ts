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
async function overwrite(url: string, arn: string, statement: object): Promise<void> {
  const owner = new SecretsManagerClient({
    region: 'us-east-1',
    endpoint: url,
    credentials: { accessKeyId: 'LOCALOWNER', secretAccessKey: 'x' },
  });
  const ResourcePolicy = JSON.stringify({ Version: '2012-10-17', Statement: [statement] });
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

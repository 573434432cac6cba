import t from 'tap';
import { problemOf, startAdapters } from './start.ts';

t.test('a list may be longer than a page of AWS', async (t) => {
  const { local, directory, proxy } = await startAdapters(t);
  for (let n = 0; n < 130; n++) {
    const secret = { Name: `many/${n}`, SecretString: 'x' };
    local.call('LOCALOWNER', 'us-east-1', 'secretsmanager', 'CreateSecret', secret);
  }
  const all = await directory.list({ namePrefix: 'many/', limit: 1000 });
  t.equal(new Set(all.items.map(({ arn }) => arn)).size, 130);
  t.equal(all.nextCursor, null);
  t.equal(proxy.calls('ListSecrets'), 2);
  const most = await directory.list({ namePrefix: 'many/', limit: 110 });
  t.equal(most.items.length, 110, 'never more than asked for');
  const rest = await directory.list({ namePrefix: 'many/', limit: 110, cursor: most.nextCursor ?? '' });
  t.equal(rest.items.length, 20);
});

t.test('a cursor that no list gave is refused', async (t) => {
  const { directory } = await startAdapters(t);
  t.equal((await problemOf(directory.list({ limit: 10, cursor: 'made up' }))).code, 'validation-failed');
});

t.test('grants are read to the end', async (t) => {
  const { local, keys, proxy, policies, arn } = await startAdapters(t);
  const { kmsKeyId, account, region } = await policies.describe(arn);
  const key = await keys.describe(kmsKeyId ?? '', region, account);
  for (let n = 0; n < 120; n++) {
    local.call('LOCALOWNER', 'us-east-1', 'kms', 'CreateGrant', {
      KeyId: key.arn,
      GranteePrincipal: 'arn:aws:iam::222222222222:role/app',
      Operations: ['Decrypt'],
      Name: `grant-${n}`,
    });
  }
  const grants = await keys.grants(key);
  t.equal(new Set(grants.map(({ name }) => name)).size, 120);
  t.same(grants[0]?.constraints, {}, 'not bound to a secret');
  t.equal(proxy.calls('ListGrants'), 2);
});

import t from 'tap';
import { startFaultProxy } from '../aws/fault-proxy.ts';
import { build, MARY } from '../helper.ts';
import { matchList } from '../match-list.ts';
import { cases, prepare, seedKeys } from './cases.ts';

const DATABASE = '/v1/secrets/demo%2Fdatabase';

type Item = {
  principal: string;
  kind: string;
  decision: string;
  dependsOn: { key: string; description: string }[];
  because: { index: number; sid: string | null }[];
  deniedBy: { index: number; sid: string | null }[];
  entryIds: string[];
  exceptions?: { principal: string }[];
  expiresAt: string | null;
  expired: boolean;
  orphaned: boolean;
  legs: { leg: string; status: string }[];
};

t.test('readers are those of the table', async (t) => {
  const service = await build(t);
  await seedKeys(service);
  for (const one of cases.filter(({ readers, denied }) => readers ?? denied)) {
    await t.test(one.name, async (t) => {
      const { path } = await prepare(t, service, one);
      const { status, json, body } = await service.call('GET', `${path}/readers`);
      t.equal(status, 200, body);
      if (one.readers)
        t.same(
          json.items.map((item: Item, index: number) => shown(item, one.readers?.[index])),
          one.readers,
        );
      if (one.denied)
        t.same(
          json.denied.map((item: Item, index: number) => shown(item, one.denied?.[index])),
          one.denied,
        );
      for (const { principal, kind, decision } of json.items as Item[]) {
        if (!['account', 'user', 'role', 'assumedRole'].includes(kind)) continue;
        const check = await service.call('POST', `${path}/access-checks`, { principal });
        t.equal(check.json.decision, decision, `a check of ${principal} says the same`);
      }
    });
  }
});

/** Of an item, what the table speaks of. */
function shown(item: Item, expected: object = {}): object {
  const all = {
    ...item,
    dependsOn: item.dependsOn.map(({ key }) => key),
    deniedBy: item.deniedBy.length,
    entries: item.entryIds.length,
    exceptions: item.exceptions?.map(({ principal }) => principal),
  };
  return Object.fromEntries(Object.entries(all).filter(([name]) => name === 'principal' || name in expected));
}

t.test('a share that has expired is marked, by the service’s clock', async (t) => {
  let now = new Date(Date.now() - 7_200_000);
  const { call, readAs, arnOf } = await build(t, { overrides: { clock: () => now } });
  const expiresAt = new Date(now.getTime() + 3_600_000).toISOString().replace(/\.\d+Z$/, 'Z');
  const share = await call('POST', `${DATABASE}/shares`, { principal: MARY, expiresAt });
  matchList(t, (await call('GET', `${DATABASE}/readers`)).json.items, [
    { principal: MARY, decision: 'allowed', expiresAt, expired: false, entryIds: [share.json.share.id] },
  ]);
  now = new Date();
  matchList(t, (await call('GET', `${DATABASE}/readers`)).json.items, [
    {
      principal: MARY,
      decision: 'implicitlyDenied',
      expiresAt,
      expired: true,
      because: [{ sid: share.json.share.sid }],
    },
  ]);
  t.equal(await readAs('LOCALMARY', await arnOf('demo/database')), 'AccessDeniedException');
});

t.test('a deleted principal is marked, and nobody reads by it any more', async (t) => {
  const { call, aws } = await build(t);
  const arn = 'arn:aws:iam::123456789999:user/gone';
  aws.directory.createUser({ arn, policies: [] });
  const share = await call('POST', `${DATABASE}/shares`, { principal: arn });
  aws.directory.deletePrincipal(arn);
  aws.directory.createUser({ arn, policies: [] });
  const { items } = (await call('GET', `${DATABASE}/readers`)).json;
  matchList(t, items, [
    {
      principal: /^AIDA/,
      kind: 'deleted',
      orphaned: true,
      decision: 'unknown',
      dependsOn: [{ key: 'Principal', description: /deleted/ }],
      because: [{ index: 0, sid: share.json.share.sid }],
    },
  ]);
  const { json } = await call('POST', `${DATABASE}/access-checks`, { principal: arn });
  t.equal(json.decision, 'implicitlyDenied', 'a new user of that name is another one');
});

t.test('conditions are told in plain words', async (t) => {
  const { call } = await build(t);
  await call('POST', `${DATABASE}/shares`, { principal: MARY, sourceVpcEndpoints: ['vpce-11111111', 'vpce-22222222'] });
  await call('POST', `${DATABASE}/restrictions`, { boundary: { organization: 'o-local00001' } });
  const [mary] = (await call('GET', `${DATABASE}/readers`)).json.items as Item[];
  t.same(
    mary?.dependsOn.map(({ description }) => description),
    [
      'Allowed only if the VPC endpoint that the call comes through (aws:SourceVpce) is vpce-11111111 or vpce-22222222.',
      'Denied if the caller’s organization (aws:PrincipalOrgID) is not o-local00001.',
    ],
  );
});

t.test('a full policy is paged, every name once, and the key is looked at once a page', async (t) => {
  let proxy = await startFaultProxy({ target: 'http://127.0.0.1:9' });
  const now = new Date();
  const { call } = await build(t, {
    // No machine is too slow for what is remembered for some seconds.
    overrides: { clock: () => now, aws: { requestsPerSecond: 10_000 } },
    endpoint: async (aws) => {
      await proxy.close();
      proxy = await startFaultProxy({ target: aws.url });
      return proxy.url;
    },
  });
  t.teardown(() => proxy.close());
  const accounts = Array.from({ length: 300 }, (_, index) => String(300_000_000_000 + index));
  const Statement = { Effect: 'Allow', Principal: { AWS: accounts }, Action: 'secretsmanager:*', Resource: '*' };
  const put = await call('PUT', `${DATABASE}/policy`, { Statement }, { 'if-none-match': '*' });
  t.equal(put.status, 200, put.body);
  proxy.clear();
  const seen: string[] = [];
  let pages = 0;
  for (let cursor = ''; ; ) {
    const { json } = await call('GET', `${DATABASE}/readers?limit=70${cursor && `&cursor=${cursor}`}`);
    seen.push(...json.items.map(({ principal }: Item) => principal));
    pages += 1;
    if (json.nextCursor === null) break;
    cursor = json.nextCursor;
  }
  t.same(
    seen,
    accounts.map((account) => `arn:aws:iam::${account}:root`),
  );
  t.equal(pages, 5);
  t.equal(proxy.calls('GetResourcePolicy'), pages);
  t.equal(proxy.calls('DescribeSecret'), 1, 'what a secret is, is remembered for some seconds');
  t.ok(proxy.calls() <= 5 * pages, `${proxy.calls()} calls`);
  const again = await call('GET', `${DATABASE}/readers?cursor=none`);
  t.equal(again.json.code, 'validation-failed');
});

t.test('what KMS does not tell is unknown, and the readers are listed all the same', async (t) => {
  const { call, aws } = await build(t);
  aws.directory.setIdentityPolicies('arn:aws:iam::111111111111:role/secret-access-service', [
    { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: 'secretsmanager:*', Resource: '*' }] },
  ]);
  await call('POST', `${DATABASE}/shares`, { principal: MARY });
  const [mary] = (await call('GET', `${DATABASE}/readers`)).json.items as Item[];
  matchList(t, mary?.legs, [
    { leg: 'secretPolicy', status: 'done' },
    { leg: 'keyPolicy', status: 'unknown', detail: /kms:DescribeKey/ },
    { leg: 'identityPolicy', status: 'unknown' },
  ]);
});

t.test('a secret that is scheduled for deletion says so', async (t) => {
  const { call, aws } = await build(t);
  aws.call('LOCALOWNER', 'us-east-1', 'secretsmanager', 'DeleteSecret', { SecretId: 'demo/api-key' });
  const url = '/v1/secrets/demo%2Fapi-key/readers';
  const { status, json, body } = await call('GET', url);
  t.equal(status, 409, body);
  t.equal(json.code, 'secret-pending-deletion');
});

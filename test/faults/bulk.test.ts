import t from 'tap';
import { gate, until } from '../wait.ts';
import { startInProcess } from './in-process.ts';

const SHARES = '/v1/secrets/demo%2Fdatabase/shares';

t.test('a bulk item whose outcome was not known is found out about before it is tried again', async (t) => {
  // One attempt takes all of a call's time, so that calls and faults can be counted.
  const { call, proxy, shares, outcomes } = await startInProcess(t, {
    aws: { callTimeoutMs: 5_000, deadlineMs: 5_000 },
  });
  const [kept, gone] = ['300000000001', '300000000002'];
  await call('POST', SHARES, { principal: kept });
  const { share } = (await call('POST', SHARES, { principal: gone })).json;
  proxy.inject('PutResourcePolicy', { do: 'stall', when: 'after' }, (n) => n === 1);
  // The first look is before the Put, the second is to tell what became of it.
  proxy.inject('GetResourcePolicy', { do: 'stall', when: 'before' }, (n) => n === 2);

  const items = [{ secretId: 'demo/database', kind: 'share', id: share.id }];
  const begun = await call('POST', '/v1/bulk/revocations', { items });
  await call('GET', `${begun.headers['location']}/events`);
  const done = await call('GET', `${begun.headers['location']}/items`);
  t.match(done.json.items, [{ status: 'applied', result: { entryId: share.id } }]);
  t.equal(await shares(), 1);
  t.same(await outcomes(), ['revoke applied', 'startOperation applied', 'share applied', 'share applied']);
});

t.test('an operation whose secret is slow holds up no other, nor its own items elsewhere', async (t) => {
  const { call, proxy } = await startInProcess(t, {});
  const answered = gate();
  const slow = async ({ body }: { body: string }) => {
    if (body.includes('api-key')) await answered.passed;
  };
  proxy.inject('PutResourcePolicy', { do: 'hook', run: slow });
  const begin = async (secretIds: string[]) => {
    const items = secretIds.map((secretId, index) => ({ secretId, principal: `30000000000${index}` }));
    return String((await call('POST', '/v1/bulk/shares', { items })).headers['location']);
  };
  const mixed = await begin(['demo/api-key', 'demo/api-key', 'demo/database']);
  const other = await begin(['demo/database']);
  await until(async () => (await call('GET', other)).json.status === 'done');
  await until(async () => (await call('GET', mixed)).json.counts.applied === 1);
  t.match((await call('GET', mixed)).json, { status: 'running', counts: { running: 2 } });
  answered.open();
  await until(async () => (await call('GET', mixed)).json.status === 'done');
});

t.test('a denial goes before a share, and both before a bulk operation that came first', async (t) => {
  let now = Date.now();
  // One call, and another whenever the clock says that a quarter of a second is over.
  const { call, proxy } = await startInProcess(t, { aws: { requestsPerSecond: 4 }, clock: () => new Date(now) });
  const sent: string[] = [];
  const note = (what: string) => (called: { body: string }) =>
    void sent.push(`${what} ${/demo\/[a-z-]+?(?=-\w{6}")/.exec(called.body)}`);
  proxy.inject('GetResourcePolicy', { do: 'hook', run: note('get') });
  proxy.inject('PutResourcePolicy', { do: 'hook', run: note('put') });
  // Once whose account this is was found out.
  const arn = encodeURIComponent((await call('GET', '/v1/secrets/demo%2Fdatabase')).json.arn);
  await call('GET', `/v1/secrets/${arn}`);
  await call('GET', `/v1/secrets/${arn}/policy`);
  t.same(sent.splice(0), ['get demo/database']);

  const waiting = (changes: number) =>
    until(async () => (await call('GET', '/metrics')).body.includes(`secret_access_queue_depth ${changes}\n`));
  const items = [{ secretId: 'demo/api-key', principal: '300000000001' }];
  const bulk = String((await call('POST', '/v1/bulk/shares', { items })).headers['location']);
  await waiting(1);
  const shared = call('POST', '/v1/secrets/demo%2Fdatabase/shares', { principal: '300000000002' });
  await waiting(2);
  const denied = call('POST', '/v1/secrets/demo%2Fdefault-key/denials', { principal: '300000000003' });
  await waiting(3);
  t.same(sent, [], 'all three wait');
  const done = Promise.all([shared, denied, until(async () => (await call('GET', bulk)).json.finishedAt !== null)]);
  const ticking = setInterval(() => {
    now += 50;
  }, 50);
  t.teardown(() => clearInterval(ticking));
  t.match(await done, [{ status: 201 }, { status: 201 }, undefined]);
  t.equal(sent[0], 'get demo/default-key');
  const puts = sent.filter((what) => what.startsWith('put'));
  t.same(puts, ['put demo/default-key', 'put demo/database', 'put demo/api-key']);
});

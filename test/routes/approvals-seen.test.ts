import t from 'tap';
import { type FaultProxy, forGood, startFaultProxy, throttling } from '../aws/fault-proxy.ts';
import { MARY } from '../helper.ts';
import { ALL_WAIT, approve, ask, SECRET, SHARES, SHARES_WAIT, sharesOf, start, timeless, trail } from './approvals.ts';

/** What is approved is what the approver saw, of the policy that it was held against. */

const FOREIGN = { Effect: 'Allow', Principal: { AWS: MARY }, Action: 'secretsmanager:GetSecretValue', Resource: '*' };
const DOCUMENT = { Version: '2012-10-17', Statement: [FOREIGN] };

t.test('a yes says which policy was seen: without that it is none', async (t) => {
  const service = await start(t);
  const { as } = service;
  const { approvalId } = (await ask(service)).json;
  const url = `/v1/approvals/${approvalId}/approve`;
  for (const body of [undefined, {}, { reason: 'agreed' }, { etag: '*' }, { etag: '' }, { etag: 'unquoted' }]) {
    const refused = await as('sam').post(url, body);
    t.match(refused, { status: 400, json: { code: 'validation-failed', errors: [{ path: '/etag' }] } });
  }
  t.equal((await as('sam').get(`/v1/approvals/${approvalId}`)).json.status, 'pending');
  t.same(await trail(service, approvalId), ['mary requestApproval applied']);
});

t.test('whoever decides sees what the asker’s dry run says: legs, and what stands against it', async (t) => {
  const service = await start(t);
  const { as } = service;
  await as('mary').post(`${SECRET}/denials`, { principal: MARY, reason: 'left' });
  const { json: rehearsed } = await as('mary').post(`${SHARES}?dryRun=true`, { principal: MARY });
  const { json: asked } = await ask(service);
  const { json: seen } = await as('sam').get(`/v1/approvals/${asked.approvalId}`);
  const { summary, effect, legs, warnings } = timeless(seen);
  t.strictSame([summary, effect, legs], [rehearsed.summary, rehearsed.effect, timeless(rehearsed).legs]);
  t.strictSame(legs.map(({ leg }: { leg: string }) => leg).slice(0, 2), ['secretPolicy', 'keyPolicy']);
  t.match(warnings, [
    { code: 'denied-by', message: /^The denial of user\/Mary of 123456789999 denies .+DELETE .+ takes it away/ },
  ]);
  t.strictSame(
    (await as('sam').get('/v1/approvals?waitingFor=me')).json.items.map((one: typeof asked) => timeless(one).legs),
    [legs],
  );
});

t.test('a policy that changed since is not what was approved: it waits on, and is shown as of now', async (t) => {
  const service = await start(t);
  const { as } = service;
  const { json: asked } = await ask(service);
  const url = `/v1/approvals/${asked.approvalId}`;
  const { json: before } = await as('sam').get(url);
  t.same(timeless(before), timeless(asked), 'as it was asked for, with its ETag');
  t.equal(before.etag, (await as('sam').get(`${SECRET}/policy`)).json.etag);
  await as('mary').post(`${SECRET}/denials`, { principal: MARY });

  const stale = await as('sam').post(`${url}/approve`, { etag: before.etag });
  t.match(stale, { status: 412, json: { code: 'policy-changed' } });
  t.same(await sharesOf(service), []);
  const { json: now } = await as('sam').get(url);
  t.match(now, { status: 'pending', decidedBy: null, problem: null });
  t.not(now.etag, before.etag);
  t.not(now.summary, before.summary);
  t.match(before.effect, { gains: [{ principal: MARY }] });
  t.same(
    now.effect.gains.filter(({ actions }: { actions: string[] }) => actions.includes('secretsmanager:GetSecretValue')),
    [],
  );
  t.same((await as('sam').get('/v1/approvals')).json.items, [now], 'in the list too');
  t.equal((await as('sam').post(`${url}/approve`, { etag: `W/${now.etag}` })).status, 200);
  t.match((await as('sam').get(url)).json, { status: 'applied', etag: null });
});

t.test('a whole document is for the policy of when it was asked for, whatever its If-Match says', async (t) => {
  const service = await start(t, { policy: ALL_WAIT });
  const { as } = service;
  const made = await ask(service);
  const change = (await approve(service, 'sam', made.json.approvalId)).json;
  const any = { 'if-match': '*' };
  const waiting = [
    await as('mary').post(`${SECRET}/policy/rollback`, { changeId: change.changeId }, any),
    await as('mary').put(`${SECRET}/policy`, DOCUMENT, any),
    await as('mary').delete(`${SECRET}/policy`, any),
  ];
  const other = await as('mary').post(SHARES, { principal: '222222222222' });
  t.equal((await approve(service, 'sam', other.json.approvalId)).status, 200);
  const attached = (await as('sam').get(`${SECRET}/policy`)).json;
  for (const { status, json: asked } of waiting) {
    t.equal(status, 202);
    const { json: now } = await as('sam').get(`/v1/approvals/${asked.approvalId}`);
    t.match(now, { status: 'pending', etag: null, problem: { code: 'policy-changed' } }, asked.action);
    t.same([now.summary, now.effect, now.diff], [asked.summary, asked.effect, asked.diff], 'as when it was asked for');
    const refused = await as('sam').post(`/v1/approvals/${asked.approvalId}/approve`, { etag: attached.etag });
    t.match(refused, { status: 412, json: { code: 'policy-changed' } }, asked.action);
  }
  t.same((await as('sam').get(`${SECRET}/policy`)).json.policy, attached.policy);
});

t.test('what was approved and waits for AWS is made on the policy that was seen, or not at all', async (t) => {
  let proxy: FaultProxy | undefined;
  const service = await start(t, {
    overrides: { aws: { deadlineMs: 4_000 } },
    async endpoint({ url }) {
      proxy = await startFaultProxy({ target: url });
      return proxy.url;
    },
  });
  t.teardown(() => proxy?.close());
  const { app, as, aws } = service;
  const { approvalId } = (await ask(service)).json;
  proxy?.inject('PutResourcePolicy', forGood(throttling));
  t.equal((await approve(service, 'sam', approvalId)).status, 503);
  const ResourcePolicy = JSON.stringify(DOCUMENT);
  const put = { SecretId: 'demo/database', ResourcePolicy };
  aws.call('LOCALOWNER', 'us-east-1', 'secretsmanager', 'PutResourcePolicy', put);
  proxy?.clear();
  await app.services.approvals.finisher.run();
  t.match((await as('sam').get(`/v1/approvals/${approvalId}`)).json, {
    status: 'failed',
    problem: { code: 'policy-changed' },
  });
  t.same(await sharesOf(service), []);
});

t.test('who may not use the account of the secret neither sees nor decides', async (t) => {
  const service = await start(t, {
    policy: `${SHARES_WAIT} @id("not-sue") forbid (principal == Caller::"sue", action == Action::"useAccount", resource);`,
  });
  const { as } = service;
  const { approvalId, etag } = (await ask(service)).json;
  const url = `/v1/approvals/${approvalId}`;
  t.same((await as('sue').get('/v1/approvals')).json.items, []);
  t.match(await as('sue').get(url), { status: 404, json: { code: 'approval-not-found' } });
  t.match(await as('sue').post(`${url}/approve`, { etag }), { status: 403, json: { code: 'forbidden' } });
  t.match(await as('sue').post(`${url}/reject`), { status: 403 });
  t.same(await sharesOf(service), []);
  t.match(await as('sam').post(`${url}/approve`, { etag }), { status: 200 });
});

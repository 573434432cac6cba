import t from 'tap';
import { buildWithCallers } from '../callers.ts';
import { build, MARY } from '../helper.ts';
import { eventually } from '../wait.ts';

const DATABASE = 'demo/database';
type Call = Awaited<ReturnType<typeof build>>['call'];

async function ended(call: Call, location: string) {
  return eventually(async () => {
    const { json } = await call('GET', location);
    if (typeof json.finishedAt !== 'string') throw new Error(JSON.stringify(json));
    return json;
  });
}

t.test('many shares in one request: counts, a result for each, and the policies', async (t) => {
  const { call } = await build(t);
  const accounts = Array.from({ length: 120 }, (_, index) => String(300000000000 + index));
  const items = [
    ...accounts.map((principal) => ({ secretId: DATABASE, principal })),
    { secretId: DATABASE, principal: accounts[0] },
    { secretId: 'demo/default-key', principal: MARY },
    { secretId: 'nothing', principal: MARY },
  ];
  const begun = await call('POST', '/v1/bulk/shares', { items, reason: 'migration', ticket: 'OPS-9' });
  t.equal(begun.status, 202);
  t.match(begun.json, { action: 'share', status: 'running', counts: { total: items.length } });
  const operation = await ended(call, String(begun.headers['location']));
  t.match(operation, { status: 'done', counts: { applied: 120, unchanged: 1, failed: 2, pending: 0, running: 0 } });

  const results = (await call('GET', `/v1/operations/${operation.id}/items?limit=1000`)).json.items;
  t.match(results.at(-1), { result: { problem: { code: 'secret-not-found' } } });
  t.match(results.at(-2), { result: { problem: { code: 'kms-key-not-shareable' } } });
  t.equal((await call('GET', '/v1/secrets/demo%2Fdatabase/shares?limit=1000')).json.items.length, 120);
  const [event] = (await call('GET', `/v1/audit-events?changeId=${results[0].changeId}`)).json.items;
  t.match(event, { reason: 'migration', ticket: 'OPS-9', outcome: 'applied' });

  const { items: page, nextCursor } = (await call('GET', `/v1/operations/${operation.id}/items?limit=100`)).json;
  t.equal(page.length, 100);
  t.equal((await call('GET', `/v1/operations/${operation.id}/items?cursor=${nextCursor}`)).json.items.length, 23);
  const { nextCursor: ofShares } = (await call('GET', '/v1/secrets/demo%2Fdatabase/shares?limit=1')).json;
  const strange = await call('GET', `/v1/operations/${operation.id}/items?cursor=${ofShares}`);
  t.match(strange, { status: 400, json: { code: 'validation-failed' } }, 'a cursor of another list is refused');
});

t.test('a dry run of many changes nothing', async (t) => {
  const { call } = await build(t);
  const items = [{ secretId: DATABASE, principal: MARY }];
  const begun = await call('POST', '/v1/bulk/denials?dryRun=true', { items });
  t.match(await ended(call, String(begun.headers['location'])), { dryRun: true, counts: { applied: 1 } });
  t.equal((await call('GET', '/v1/secrets/demo%2Fdatabase/policy')).json.policy, null);
});

t.test('revocations name the entry; watching ends with the operation', async (t) => {
  const { call } = await build(t);
  const { share } = (await call('POST', '/v1/secrets/demo%2Fdatabase/shares', { principal: MARY })).json;
  const begun = await call('POST', '/v1/bulk/revocations', {
    items: [{ secretId: DATABASE, kind: 'share', id: share.id }],
  });
  const watched = await call('GET', `${begun.headers['location']}/events`);
  t.match(String(watched.headers['content-type']), 'text/event-stream');
  const last = watched.body.trim().split('\n\n').at(-1) ?? '';
  t.match(last, /^event: done\ndata: /);
  t.match(JSON.parse(last.slice(last.indexOf('{'))), { status: 'done', counts: { applied: 1 } });
  t.same((await call('GET', '/v1/secrets/demo%2Fdatabase/shares')).json.items, []);
});

t.test('a cancelled operation begins nothing more, and what was done stays', async (t) => {
  const { call } = await build(t);
  const items = Array.from({ length: 1000 }, (_, index) => ({
    secretId: ['demo/database', 'demo/api-key'][index % 2],
    principal: String(300000000000 + index),
  }));
  const begun = await call('POST', '/v1/bulk/shares', { items });
  const cancelled = await call('POST', `${begun.headers['location']}/cancel`);
  t.match(cancelled.json.status, /cancel/);
  const operation = await ended(call, String(begun.headers['location']));
  t.equal(operation.status, 'cancelled');
  t.ok(operation.counts.cancelled > 0);
  t.equal(operation.counts.applied + operation.counts.cancelled, 1000);
});

t.test('too many items, unknown fields and other people’s operations are refused', async (t) => {
  const { call } = await build(t);
  const item = { secretId: DATABASE, principal: MARY };
  t.equal((await call('POST', '/v1/bulk/shares', { items: Array(1001).fill(item) })).status, 400);
  t.equal((await call('POST', '/v1/bulk/shares', { items: [{ ...item, denny: 1 }] })).status, 400);
  t.equal((await call('POST', '/v1/bulk/shares', { items: [] })).status, 400);
  const unknown = await call('GET', '/v1/operations/01890a5d-ac96-774b-bcce-b302099a8057');
  t.equal(unknown.json.code, 'operation-not-found');
});

t.test('one’s own operations, newest first, in pages; everybody’s for who may read the audit log', async (t) => {
  const scopes = ['policy:read', 'policy:write'];
  const { as } = await buildWithCallers(t, { ann: { scopes }, bob: { scopes }, auditor: {} });
  type Name = Parameters<typeof as>[0];
  const begin = async (who: Name) => {
    const body = { items: [{ secretId: DATABASE, principal: MARY }] };
    return (await as(who).post('/v1/bulk/shares?dryRun=true', body)).json.id as string;
  };
  const list = async (who: Name, query = '') => (await as(who).get(`/v1/operations${query}`)).json;
  const idsOf = (page: { items: { id: string }[] }) => page.items.map(({ id }) => id);

  const first = await begin('ann');
  const other = await begin('bob');
  const second = await begin('ann');
  t.strictSame(idsOf(await list('ann')), [second, first]);
  t.strictSame(idsOf(await list('bob')), [other]);
  t.strictSame(idsOf(await list('auditor')), [second, other, first]);
  const page = await list('auditor', '?limit=2');
  t.strictSame(idsOf(page), [second, other]);
  const last = await list('auditor', `?limit=2&cursor=${page.nextCursor}`);
  t.strictSame([idsOf(last), last.nextCursor], [[first], null]);
  t.match(await list('ann', '?cursor=strange'), { code: 'validation-failed' });
  t.match((await list('ann')).items[0], { requestedBy: 'ann', counts: { total: 1 } });
  t.notOk('requester' in (await list('ann')).items[0], 'who asked, and from where, is in the audit log only');
});

t.test('an operation goes on after a restart, and nothing is done twice', async (t) => {
  const directory = t.testdir();
  const env = { DATABASE_URL: `sqlite:${directory}/shared.db` };
  const first = await build(t, { env });
  const items = Array.from({ length: 400 }, (_, index) => ({
    secretId: DATABASE,
    principal: String(300000000000 + index),
  }));
  const begun = await first.call('POST', '/v1/bulk/shares', { items });
  await first.app.close();
  const second = await build(t, { env, endpoint: () => first.aws.url });
  const operation = await ended(second.call, String(begun.headers['location']));
  t.match(operation, { status: 'done', counts: { total: 400, failed: 0 } });
  t.equal((await second.call('GET', '/v1/secrets/demo%2Fdatabase/shares?limit=1000')).json.items.length, 400);
  t.match((await second.call('GET', '/v1/audit-events/verification')).json, { intact: true });
  const events = '/v1/audit-events?action=share&outcome=applied';
  const applied = await second.call('GET', events, undefined, { accept: 'application/x-ndjson' });
  t.equal(applied.body.trim().split('\n').length, 400, 'each was applied once');
});

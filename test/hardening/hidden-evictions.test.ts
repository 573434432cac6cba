import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import t, { type Test } from 'tap';
import { startLocalAws } from '../../src/local-aws/index.ts';
import { seed } from '../../src/local-aws/seed.ts';
import { uuidV7 } from '../../src/uuid.ts';
import { survey } from '../estate/survey.ts';
import { APP_ROLE, build, MARY } from '../helper.ts';
import { incidentsOf } from '../incidents.ts';
import { scratch } from '../scratch.ts';
import { until } from '../wait.ts';

/** Who can write the database, and nothing else, ends no eviction, and hides none. */

const HELD = { status: 409, json: { code: 'held-by-incident' } };

/** Somebody who had a share of demo/database is evicted, and is held out of demo/api-key. */
async function evicted(t: Test) {
  const directory = scratch('evicted');
  const aws = await startLocalAws({ port: 0, file: ':memory:' });
  seed(aws);
  const start = async (more: Record<string, string> = {}) => {
    const built = await build(t, { aws, env: { DATABASE_URL: `sqlite:${join(directory, 'audit.db')}`, ...more } });
    const { call } = built;
    const get = (url: string) => call('GET', url);
    const post = (url: string, body: unknown) => call('POST', url, body);
    return { ...built, get, post, ...incidentsOf({ get, post }) };
  };
  const service = await start();
  const database = new DatabaseSync(join(directory, 'audit.db'), { timeout: 5_000 });
  t.teardown(async () => {
    database.close();
    await aws.close();
    rmSync(directory, { recursive: true });
  });
  await service.post('/v1/secrets/demo%2Fdatabase/shares', { principal: APP_ROLE });
  await survey(service);
  const { id } = await service.begin({ evict: { account: '222222222222' } });
  const share = ({ post }: Pick<typeof service, 'post'>, principal = APP_ROLE) =>
    post('/v1/secrets/demo%2Fapi-key/shares?dryRun=true', { principal });
  const refusals = async ({ get }: Pick<typeof service, 'get'>): Promise<{ request: object }[]> =>
    (await get('/v1/audit-events?action=refuseStored')).json.items;
  t.match(await share(service), HELD);
  return { aws, directory, id, service, start, share, refusals, run: (sql: string) => database.exec(sql) };
}

t.test('an eviction whose order was changed, or whose lift was forged, holds on, and that is on record', async (t) => {
  const { id, service, share, refusals, run } = await evicted(t);
  const other = await service.begin({ freeze: { secretIds: ['demo/default-key'] } });
  const { lift } = await service.lift(other.id);
  run(`update operations set incident = '${id}' where id = '${lift.id}'`);
  t.match(await share(service), HELD, 'the lift of another incident');
  t.match(await service.find(id), { status: 'standing', lift: null });
  const forged = uuidV7(new Date());
  const columns = 'action, status, requester, request, created_at, finished_at, owner, lease_until, incident';
  run(`insert into operations (id, ${columns}) select '${forged}', ${columns} from operations where id = '${lift.id}'`);
  t.match(await share(service), HELD, 'one that nobody asked for');
  run(`update operations set request = replace(request, '222222222222', '999999999999') where id = '${id}'`);
  t.match(await share(service), HELD, 'it is of whom the audit log has');
  t.match(await service.find(id), { status: 'standing', asked: { evict: { account: '222222222222' } } });
  const seen = (await refusals(service)).map(({ request }) => request);
  t.strictSame(new Set(seen), new Set([lift.id, forged, id].map((one) => ({ kind: 'operation', id: one }))));
  t.equal(seen.length, 3, 'once each');
  t.match((await service.get('/metrics')).body, /unauthentic_stored_total\{kind="operation"\} 3/);
});

t.test('what the database says is done, or lifted, and this service did not do, is told as not done', async (t) => {
  const { aws, id, service, share, run } = await evicted(t);
  const owner = (operation: string, input: object) =>
    aws.call('LOCALOWNER', 'us-east-1', 'secretsmanager', operation, { SecretId: 'demo/database', ...input });
  const had = String(owner('GetResourcePolicy', {})['ResourcePolicy']);
  owner('PutResourcePolicy', { ResourcePolicy: had.replaceAll('secretsmanager:*', 'secretsmanager:Get*') });
  const partly = await service.lift(id);
  t.match(partly, { status: 'partlyLifted', notLifted: [{ problem: { code: 'policy-changed' }, todo: /Incident/ }] });
  run(`update operation_items set status = 'applied', result = null where operation_id = '${partly.lift.id}'`);
  t.match(await share(service), HELD);
  t.match(await service.find(id), { status: 'partlyLifted', notLifted: [{ problem: { detail: /did not record/ } }] });
  run(`delete from operation_items where operation_id = '${partly.lift.id}'`);
  t.match(await share(service), HELD, 'nor is it whole without what is left');

  const failed = await service.begin({ freeze: { secretIds: ['nothing'] } });
  t.match(failed.notDone, [{ problem: { code: 'secret-not-found' } }]);
  run(`update operation_items set status = 'applied', result = null where operation_id = '${failed.id}'`);
  t.match((await service.find(failed.id)).notDone, [{ secretId: 'nothing', problem: { detail: /did not record/ } }]);
  const { json } = await service.get(`/v1/incidents/${failed.id}/secrets`);
  t.match(json, {
    items: [{ secretId: 'nothing', status: 'applied', notDone: { reason: 'failed' } }],
    nextCursor: null,
  });
  run(`update operations set request = json_remove(request, '$.incident.items') where id = '${failed.id}'`);
  t.match((await service.find(failed.id)).notDone, [{ secretId: 'nothing', problem: { detail: /did not record/ } }]);
  run(`delete from operation_items where operation_id = '${failed.id}'`);
  t.match(await service.find(failed.id), { notDone: [], notDoneTotal: 1 });

  owner('PutResourcePolicy', { ResourcePolicy: had });
  t.match(await service.lift(id), { status: 'lifted' });
  t.equal((await share(service)).status, 200);
});

t.test('an eviction that was taken out of the database is found by the audit log, and holds on', async (t) => {
  const { id, service, start, share, refusals, run } = await evicted(t);
  await service.app.close();
  run(`delete from operation_items where operation_id = '${id}'; delete from operations where id = '${id}'`);
  const next = await start();
  t.match(await share(next), HELD, 'from the first change on');
  await until(async () => (await refusals(next)).length > 0);
  t.match(await refusals(next), [{ request: { kind: 'operation', id } }]);
  t.match(await share(next), HELD);
});

t.test('a lift takes back what the audit log has of an eviction whose items somebody took out', async (t) => {
  const { id, service, share, run } = await evicted(t);
  run(`delete from operation_items where operation_id = '${id}'`);
  t.match(await service.lift(id), { status: 'lifted', lift: { counts: { total: 1, applied: 1 } } });
  t.equal((await service.get('/v1/secrets/demo%2Fdatabase/shares')).json.items.length, 1);
  t.equal((await share(service)).status, 200);
});

t.test('once the key of their seals is gone, what was lifted stays so, and what stands is lifted', async (t) => {
  const { directory, id, service, start, share, refusals, run } = await evicted(t);
  t.match(await service.lift(id), { status: 'lifted' });
  await service.post('/v1/secrets/demo%2Fdatabase/shares', { principal: MARY });
  await survey(service);
  const standing = await service.begin({ evict: { principal: MARY } });
  const frozen = await service.begin({ freeze: { secretIds: ['demo/default-key'] } });
  await service.app.close();
  const COMMAND_KEY_FILE = join(directory, 'keys');
  writeFileSync(COMMAND_KEY_FILE, Buffer.alloc(32, 'another key').toString('base64'));
  const next = await start({ COMMAND_KEY_FILE });
  t.equal((await share(next)).status, 200);
  t.match(await share(next, MARY), HELD);
  t.match(await next.find(id), { status: 'lifted' });
  t.match(await next.find(standing.id), { status: 'standing', asked: standing.asked, notDoneTotal: 0 });
  t.match(await next.find(frozen.id), { status: 'standing', action: 'freeze', notDoneTotal: 0 });
  t.strictSame(await refusals(next), [], 'nothing was changed');

  t.match(await next.lift(standing.id), { status: 'lifted', lift: { counts: { total: 1, applied: 1 } } });
  t.match(await next.lift(frozen.id), { status: 'lifted', lift: { counts: { total: 1, applied: 1 } } });
  t.equal((await share(next, MARY)).status, 200);

  const { changeId } = (await next.get('/v1/audit-events?action=evict&outcome=applied')).json.items.find(
    ({ request }: { request: object }) => 'account' in request,
  );
  run(`update operation_items set change_id = '${changeId}'
    where operation_id in (select id from operations where action = 'lift' and incident = '${id}')`);
  await next.app.close();
  t.match(await share(await start({ COMMAND_KEY_FILE })), HELD, 'but by a lift that the audit log has');
});

import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import t, { type Test } from 'tap';
import { startLocalAws } from '../../src/local-aws/index.ts';
import { seed } from '../../src/local-aws/seed.ts';
import { uuidV7 } from '../../src/uuid.ts';
import { survey } from '../estate/survey.ts';
import { APP_ROLE, build } from '../helper.ts';
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
  const env = { DATABASE_URL: `sqlite:${join(directory, 'audit.db')}` };
  const start = async () => {
    const built = await build(t, { aws, env });
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
  const share = ({ post }: Pick<typeof service, 'post'>) =>
    post('/v1/secrets/demo%2Fapi-key/shares?dryRun=true', { principal: APP_ROLE });
  const refusals = async ({ get }: Pick<typeof service, 'get'>): Promise<{ request: object }[]> =>
    (await get('/v1/audit-events?action=refuseStored')).json.items;
  t.match(await share(service), HELD);
  return { aws, id, service, start, share, refusals, run: (sql: string) => database.exec(sql) };
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
  await until(async () => (await refusals(next)).length > 0);
  t.match(await refusals(next), [{ request: { kind: 'operation', id } }]);
  t.match(await share(next), HELD);
});

import { randomUUID } from 'node:crypto';
import { DatabaseSync } from 'node:sqlite';
import t, { type Test } from 'tap';
import { createCommandSeal } from '../../src/database/command-keys.ts';
import { uuidV7 } from '../../src/uuid.ts';
import { accessDenied } from '../aws/fault-proxy.ts';
import { behindOthers } from '../behind-others.ts';
import { startInProcess } from '../faults/in-process.ts';
import { APP_ROLE, build, MARY } from '../helper.ts';
import { approve, ask, SECRET, type Service, SHARES, sharesOf, start } from '../routes/approvals.ts';
import { eventually } from '../wait.ts';

/** What somebody with write access to the database, and nothing else, makes the service do: nothing. */

type Row = Record<string, string | number | null>;
const REFUSED = { result: { problem: { code: 'stored-command-refused' } } };

function openDatabase(t: Test, url: string) {
  const database = new DatabaseSync(url.slice('sqlite:'.length), { timeout: 5_000 });
  t.teardown(() => database.close());
  const insert = (table: string, row: Row) => {
    const names = Object.keys(row);
    const marks = names.map(() => '?').join();
    database.prepare(`insert into ${table} (${names.join()}) values (${marks})`).run(...Object.values(row));
  };
  return { insert, run: (sql: string) => database.exec(sql), all: (sql: string) => database.prepare(sql).all() };
}

type Database = ReturnType<typeof openDatabase>;
type Call = Awaited<ReturnType<typeof build>>['call'];

const ended = (call: Call, id: string) =>
  eventually(async () => {
    const { json } = await call('GET', `/v1/operations/${id}`);
    if (json.finishedAt === null) throw new Error(json.status);
    return json;
  });
const policyOf = async (call: Call) => (await call('GET', `${SECRET}/policy`)).json.policy;
const refusals = async (call: Call) => (await call('GET', '/v1/audit-events?action=refuseStored')).json.items;

async function serve(t: Test) {
  const DATABASE_URL = `sqlite:${t.testdir()}/audit.db`;
  const { call } = await build(t, { env: { DATABASE_URL } });
  return { call, database: openDatabase(t, DATABASE_URL) };
}

const identity = (method: string) => ({
  subject: 'ann',
  issuer: null,
  method,
  groups: ['secret-admins'],
  scopes: ['policy:write'],
});
const requester = (method: string) => ({
  ...{ identity: identity(method), source: { ip: null, userAgent: null }, requestId: null, traceId: null },
});
const LATER = new Date(Date.now() + 3_600_000).toISOString();

/** As the service itself would store it, but for the key of the seals. */
function forge({ insert }: Database, method: string) {
  const id = uuidV7(new Date());
  const changeId = uuidV7(new Date());
  const order = { dryRun: false, reason: null, ticket: null, requester: requester(method), notAfter: LATER };
  const seal = createCommandSeal([Buffer.alloc(32, 'another key')]);
  const said = [id, 'share', false, null, null, order.requester, order.notAfter];
  const request = { principal: '222222222222', actions: ['secretsmanager:*'], acknowledgeEscalation: true };
  insert('operation_items', {
    ...{
      operation_id: id,
      position: 0,
      status: 'pending',
      secret_id: 'demo/database',
      request: JSON.stringify(request),
    },
    ...{ change_id: changeId, seal: seal.of('operationItem', [id, 0, changeId, 'demo/database', request]) },
  });
  insert('operations', {
    ...{ id, action: 'share', status: 'running', created_at: 0, lease_until: 0 },
    request: JSON.stringify({ ...order, seal: seal.of('operation', said) }),
  });
  return id;
}

for (const method of ['system', 'apiKey']) {
  t.test(`an operation that was put into the database is not carried out: method ${method}`, async (t) => {
    const { call, database } = await serve(t);
    const id = forge(database, method);
    t.match(await ended(call, id), { counts: { failed: 1, applied: 0 } });
    t.match((await call('GET', `/v1/operations/${id}/items`)).json.items[0], REFUSED);
    t.equal(await policyOf(call), null);
    const [event, ...rest] = await refusals(call);
    t.match(event, { actor: { method: 'system' }, outcome: 'refused', request: { kind: 'operation', id } });
    t.same(rest, []);
    t.same((await call('GET', '/v1/audit-events?actor=ann')).json.items, [], 'who is named did nothing');
    t.match((await call('GET', '/metrics')).body, /unauthentic_stored_total\{kind="operation"\} 1/);
  });
}

t.test('an item is of its operation, its place, its secret and its request', async (t) => {
  const { call, database } = await serve(t);
  const items = [{ secretId: 'demo/api-key', principal: MARY }];
  const asked = async () => {
    const { id } = (await call('POST', '/v1/bulk/shares?dryRun=true', { items })).json;
    await ended(call, id);
    return id as string;
  };
  const again = (id: string) =>
    database.run(
      `update operations set status = 'running', finished_at = null, owner = 'x', lease_until = 0 where id = '${id}'`,
    );
  const edits = {
    dry: (id: string) =>
      `update operations set request = replace(request, '"dryRun":true', '"dryRun":false') where id = '${id}'`,
    requester: (id: string) =>
      `update operations set request = replace(request, '"none"', '"system"') where id = '${id}'`,
    action: (id: string) => `update operations set action = 'deny' where id = '${id}'`,
    secret: (id: string) => `update operation_items set secret_id = 'demo/database' where operation_id = '${id}'`,
    request: (id: string) =>
      `update operation_items set request = '{"principal":"222222222222"}' where operation_id = '${id}'`,
    change: (id: string) => `update operation_items set change_id = '${randomUUID()}' where operation_id = '${id}'`,
    place: (id: string) => `update operation_items set position = 1 where operation_id = '${id}'`,
  };
  const edit = async ([what, edited]: [string, (id: string) => string]) => {
    const id = await asked();
    database.run(
      `begin immediate; update operation_items set status = 'pending' where operation_id = '${id}'; ${edited(id)}`,
    );
    again(id);
    database.run('commit');
    t.match(await ended(call, id), { counts: { failed: 1 } }, what);
  };
  await Promise.all(Object.entries(edits).map(edit));
  t.equal((await refusals(call)).length, Object.keys(edits).length);
  t.equal((await call('GET', '/v1/secrets/demo%2Fapi-key/policy')).json.policy, null);
  t.equal(await policyOf(call), null);
});

t.test('a finished item that is set back to pending does not share again', async (t) => {
  const { call, database } = await serve(t);
  await call('POST', SHARES, { principal: APP_ROLE });
  const items = [MARY, APP_ROLE].map((principal) => ({ secretId: 'demo/database', principal }));
  const { id } = (await call('POST', '/v1/bulk/shares', { items })).json;
  t.match(await ended(call, id), { counts: { applied: 1, unchanged: 1 } });
  for (const share of (await call('GET', SHARES)).json.items) await call('DELETE', `${SHARES}/${share.id}`);

  database.run(`begin immediate;
    update operation_items set status = 'pending', result = null where operation_id = '${id}';
    update operations set status = 'running', finished_at = null, lease_until = 0 where id = '${id}'; commit`);
  t.match(await ended(call, id), { counts: { applied: 1, unchanged: 1 } }, 'it says what the audit log has');
  t.same((await call('GET', SHARES)).json.items, []);
});

t.test('what its caller has cancelled is not begun again', async (t) => {
  const { call, database } = await serve(t);
  const items = behindOthers({ secretId: 'demo/database', principal: MARY });
  let id = '';
  // Sometimes the service is faster.
  for (let cancelled = 0; cancelled === 0; ) {
    id = (await call('POST', '/v1/bulk/shares', { items })).json.id;
    await call('POST', `/v1/operations/${id}/cancel`);
    cancelled = (await ended(call, id)).counts.cancelled;
    for (const share of (await call('GET', SHARES)).json.items) await call('DELETE', `${SHARES}/${share.id}`);
  }
  const { counts } = (await call('GET', `/v1/operations/${id}`)).json;
  database.run(`begin immediate;
    update operation_items set status = 'pending', result = null where operation_id = '${id}' and status = 'cancelled';
    update operations set status = 'running', finished_at = null, lease_until = 0 where id = '${id}'; commit`);
  t.strictSame((await ended(call, id)).counts, counts);
  t.same((await call('GET', SHARES)).json.items, []);
});

t.test('what failed for good is not tried again', async (t) => {
  const DATABASE_URL = `sqlite:${t.testdir()}/audit.db`;
  const { call, proxy } = await startInProcess(t, { env: { DATABASE_URL } });
  const database = openDatabase(t, DATABASE_URL);
  const permit = proxy.inject('PutResourcePolicy', accessDenied('secretsmanager:PutResourcePolicy'));
  const items = [{ secretId: 'demo/database', principal: MARY }];
  const { id } = (await call('POST', '/v1/bulk/shares', { items })).json;
  t.match(await ended(call, id), { counts: { failed: 1 } });
  permit();
  database.run(`begin immediate;
    update operation_items set status = 'pending', result = null where operation_id = '${id}';
    update operations set status = 'running', finished_at = null, lease_until = 0 where id = '${id}'; commit`);
  t.match(await ended(call, id), { counts: { failed: 1 } });
  t.equal(await policyOf(call), null);
});

t.test('one row of garbage stops nobody else’s operation', async (t) => {
  const { call, database } = await serve(t);
  const first = (
    await call('POST', '/v1/bulk/denials?dryRun=true', { items: [{ secretId: 'nothing', principal: MARY }] })
  ).json.id;
  await ended(call, first);
  for (const [index, text] of ['{', 'null', '[]', '{"requester":5}'].entries())
    database.insert('operations', {
      ...{
        id: uuidV7(new Date(index)),
        action: 'share',
        status: 'running',
        created_at: 0,
        lease_until: 0,
        request: text,
      },
    });
  const { id } = (
    await call('POST', '/v1/bulk/denials?dryRun=true', { items: [{ secretId: 'nothing', principal: MARY }] })
  ).json;
  t.match(await ended(call, id), { counts: { failed: 1 } });
  t.equal((await call('GET', '/v1/operations')).status, 200);
  t.equal((await refusals(call)).length, 4);
});

t.test('what the database says of expiries makes the service assume no role in a strange account', async (t) => {
  const DATABASE_URL = `sqlite:${t.testdir()}/audit.db`;
  const { app, proxy, outcomes } = await startInProcess(t, { env: { DATABASE_URL, ALLOWED_ACCOUNTS: '222222222222' } });
  const database = openDatabase(t, DATABASE_URL);
  const secret_arn = 'arn:aws:secretsmanager:us-east-1:999999999999:secret:theirs-AbCdEf';
  database.insert('expiries', { secret_arn, expires_at: 0 });
  t.equal(await app.services.sweeper.run(), 1);
  t.equal(proxy.calls('AssumeRole'), 0);
  t.same(database.all('select * from expiries'), []);
  t.same(await outcomes(), []);
});

t.test('what is late is not done', async (t) => {
  let now = Date.now();
  const DATABASE_URL = `sqlite:${t.testdir()}/audit.db`;
  const clock = () => new Date(now);
  const { call } = await build(t, { env: { DATABASE_URL }, overrides: { clock } });
  const database = openDatabase(t, DATABASE_URL);
  const items = [{ secretId: 'nothing', principal: MARY }];
  const { id } = (await call('POST', '/v1/bulk/shares', { items })).json;
  await ended(call, id);
  now += 25 * 3_600_000;
  database.run(`begin immediate;
    update operation_items set status = 'pending', result = null where operation_id = '${id}';
    update operations set status = 'running', finished_at = null, lease_until = 0 where id = '${id}'; commit`);
  await ended(call, id);
  t.match((await call('GET', `/v1/operations/${id}/items`)).json.items[0], REFUSED);
});

const atDatabase = async (t: Test) => {
  const service = await start(t);
  return { service, database: openDatabase(t, service.env.DATABASE_URL) };
};
const run = ({ app }: Service) => app.services.approvals.finisher.run();

t.test('an approval that nobody gave does not apply the change', async (t) => {
  const { service, database } = await atDatabase(t);
  const { approvalId } = (await ask(service)).json;
  const by = JSON.stringify({ by: requester('apiKey'), at: new Date().toISOString(), reason: null, seal: 'x' });
  database.run(
    `update approvals set status = 'approved', decision = '${by}', lease_until = 0 where id = '${approvalId}'`,
  );
  await run(service);
  t.same(await sharesOf(service), []);
  t.equal((await service.as('sam').get(`/v1/approvals/${approvalId}`)).status, 404);
  const [event] = (await service.as('sam').get('/v1/audit-events?action=refuseStored')).json.items;
  t.match(event, { request: { kind: 'approval', id: approvalId }, outcome: 'refused' });
});

t.test('what is approved is what was asked for', async (t) => {
  const { service, database } = await atDatabase(t);
  const { approvalId } = (await ask(service)).json;
  database.run(`update approvals set request = replace(request, '${MARY}', '222222222222')`);
  t.equal((await approve(service, 'sam', approvalId)).status, 404);
  t.same((await service.as('sam').get('/v1/approvals')).json.items, []);
  t.same(await sharesOf(service), []);
});

t.test('a rejection can’t be turned into an approval, nor be forgotten', async (t) => {
  const { service, database } = await atDatabase(t);
  const sam = service.as('sam');
  for (const edit of ["status = 'approved', lease_until = 0", "status = 'pending', decision = null"]) {
    const { approvalId } = (await ask(service)).json;
    await sam.post(`/v1/approvals/${approvalId}/reject`, { reason: 'no' });
    database.run(`update approvals set ${edit} where id = '${approvalId}'`);
    await run(service);
    t.match((await approve(service, 'sue', approvalId)).status, /404|409/, edit);
    t.same(await sharesOf(service), [], edit);
  }
});

t.test('an approved change is not made twice', async (t) => {
  const { service, database } = await atDatabase(t);
  const { approvalId } = (await ask(service)).json;
  const { share } = (await approve(service, 'sam', approvalId)).json;
  await service.as('mary').delete(`${SHARES}/${share.id}`);
  database.run(`update approvals set status = 'approved', lease_until = 0 where id = '${approvalId}'`);
  await run(service);
  t.same(await sharesOf(service), []);
  database.run(`update approvals set status = 'pending', decision = null where id = '${approvalId}'`);
  t.match(await approve(service, 'sue', approvalId), {
    json: { code: 'stored-command-refused' },
  });
  t.same(await sharesOf(service), []);
});

t.test('an answer that was put under an idempotency key is not given', async (t) => {
  const { call, database } = await serve(t);
  const headers = { 'idempotency-key': 'k-1' };
  await call('POST', SHARES, { principal: MARY }, headers);
  database.run(`update idempotency_keys set response = replace(response, '201', '200')`);
  const again = await call('POST', SHARES, { principal: MARY }, headers);
  t.notOk(again.headers['idempotency-replayed']);
  t.match(again, { status: 200, json: { changed: false } });
  const other = await call('POST', SHARES, { principal: APP_ROLE }, { 'idempotency-key': 'k-2' });
  database.run(
    `update idempotency_keys set change_id = '${other.json.changeId}', response = null, owner = 'x', lease_until = 0`,
  );
  t.match((await call('POST', SHARES, { principal: MARY }, headers)).json, { share: { principal: MARY } });
  t.match((await call('GET', '/metrics')).body, /unauthentic_stored_total\{kind="idempotencyKey"\} 2/);
});

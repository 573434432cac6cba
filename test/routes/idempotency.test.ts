import { DatabaseSync } from 'node:sqlite';
import t from 'tap';
import { buildWithCallers } from '../callers.ts';
import { build, MARY } from '../helper.ts';
import { until } from '../wait.ts';

const SHARES = '/v1/secrets/demo%2Fdatabase/shares';

t.test('the same key and request gets the first answer again', async (t) => {
  const { call } = await build(t);
  const headers = { 'idempotency-key': 'k-1' };
  const first = await call('POST', SHARES, { principal: MARY }, headers);
  const second = await call('POST', SHARES, { principal: MARY }, headers);
  t.equal(first.status, 201);
  t.equal(first.headers['idempotency-replayed'], undefined);
  t.equal(second.status, 201);
  t.equal(second.headers['idempotency-replayed'], 'true');
  t.equal(second.headers['location'], first.headers['location']);
  t.equal(second.body, first.body);
  t.equal((await call('GET', '/v1/audit-events')).json.items.length, 2);
});

t.test('the same key with another request is refused', async (t) => {
  const { call } = await build(t);
  const headers = { 'idempotency-key': 'k-1' };
  await call('POST', SHARES, { principal: MARY }, headers);
  const other = await call('POST', SHARES, { principal: '222222222222' }, headers);
  t.equal(other.status, 422);
  t.equal(other.json.code, 'idempotency-key-reused');
});

t.test('while the first request runs, the same key answers 409', async (t) => {
  const { call } = await build(t);
  const headers = { 'idempotency-key': 'k-1' };
  const answers = await Promise.all([1, 2, 3].map(() => call('POST', SHARES, { principal: MARY }, headers)));
  t.same(answers.map(({ status }) => status).sort(), [201, 409, 409]);
  t.ok(answers.filter(({ status }) => status === 409).every(({ json }) => json.code === 'idempotency-in-flight'));
});

t.test('a refusal is replayed as it was', async (t) => {
  const { call } = await build(t);
  const headers = { 'idempotency-key': 'k-1' };
  const body = { principal: MARY, actions: ['secretsmanager:*'] };
  const first = await call('POST', SHARES, body, headers);
  const second = await call('POST', SHARES, body, headers);
  t.equal(first.status, 422);
  t.equal(second.body, first.body);
  t.equal(second.headers['idempotency-replayed'], 'true');
});

t.test('who may not do it any more is not told what came of it', async (t) => {
  const { as, write } = await buildWithCallers(t, { ann: { groups: ['payments'] } });
  const ann = as('ann');
  const headers = { 'idempotency-key': 'k-1' };
  const items = [{ secretId: 'demo/database', principal: MARY }];
  const ask = () => ann.post(SHARES, { principal: MARY, expiresAt: '2099-01-01T00:00:00Z' }, headers);
  const begin = () => ann.post('/v1/bulk/denials', { items }, { 'idempotency-key': 'k-2' });
  // It wants to be asked with all that was said: a replay is.
  write(
    'limits.cedar',
    `@id("limits") forbid (principal, action == Action::"share", resource)
    unless { context has lifetimeSeconds };`,
  );
  await until(async () => (await ann.post(`${SHARES}?dryRun=true`, { principal: MARY })).status === 403);
  t.equal((await ask()).status, 201);
  t.equal((await begin()).status, 202);
  t.match(await ask(), { status: 201, headers: { 'idempotency-replayed': 'true' } });
  t.match(await begin(), { status: 202, headers: { 'idempotency-replayed': 'true' } });

  write(
    'nobody.cedar',
    `@id("nobody") forbid (principal, action in [Action::"share", Action::"startOperation"], resource);`,
  );
  await until(async () => (await ask()).status === 403);
  t.match(await ask(), {
    json: { code: 'forbidden', policies: ['nobody'] },
    headers: { 'idempotency-replayed': undefined },
  });
  t.match((await begin()).json, { code: 'forbidden', policies: ['nobody'] });
});

t.test('what was begun is not begun again where its answer could not be kept', async (t) => {
  const DATABASE_URL = `sqlite:${t.testdir()}/audit.db`;
  const { call } = await build(t, { env: { DATABASE_URL } });
  const database = new DatabaseSync(DATABASE_URL.slice('sqlite:'.length), { timeout: 5_000 });
  t.teardown(() => database.close());
  // As where the process dies right after it has begun the operation.
  const lost = async (url: string, body: object, key: string) => {
    database.exec(`create trigger lost before update of response on idempotency_keys
      begin select raise(abort, 'It is lost.'); end`);
    const { status, json, headers } = await call('POST', url, body, { 'idempotency-key': key });
    database.exec('drop trigger lost');
    return { status, id: json.id, headers };
  };
  const again = (url: string, body: object, key: string) => call('POST', url, body, { 'idempotency-key': key });
  const operations = async (): Promise<string[]> =>
    (await call('GET', '/v1/operations')).json.items.map(({ id }: { id: string }) => id);
  const ended = (id: string) => until(async () => (await call('GET', `/v1/operations/${id}`)).json.finishedAt !== null);

  const items = [{ secretId: 'demo/database', principal: MARY }];
  const bulk = await lost('/v1/bulk/shares', { items }, 'bulk');
  const { location } = bulk.headers;
  t.match(await again('/v1/bulk/shares', { items }, 'bulk'), {
    status: 202,
    json: { id: bulk.id },
    headers: { location },
  });
  t.match(await again('/v1/bulk/shares', { items }, 'bulk'), {
    json: { id: bulk.id },
    headers: { 'idempotency-replayed': 'true' },
  });
  t.same(await operations(), [bulk.id]);
  await ended(bulk.id);

  const freeze = { freeze: { secretIds: ['demo/database'] }, reason: 'leaked' };
  const frozen = await lost('/v1/incidents', freeze, 'freeze');
  t.match(await again('/v1/incidents', freeze, 'freeze'), {
    ...{ status: 202, json: { id: frozen.id } },
    headers: { location: frozen.headers.location },
  });
  t.same(await operations(), [frozen.id, bulk.id]);
  await ended(frozen.id);

  const lift = `/v1/incidents/${frozen.id}/lift`;
  const lifted = await lost(lift, { reason: 'over' }, 'lift');
  t.match(await again(lift, { reason: 'over' }, 'lift'), {
    ...{ status: 202, json: { id: frozen.id } },
    headers: { location: lifted.headers.location },
  });
  t.equal((await operations()).length, 3);
});

t.test('a dry run is not kept under a key', async (t) => {
  const { call } = await build(t);
  const headers = { 'idempotency-key': 'k-1' };
  const dry = await call('POST', `${SHARES}?dryRun=true`, { principal: MARY }, headers);
  t.match(dry, { status: 200, json: { changed: true, dryRun: true } });
  t.match(await call('POST', SHARES, { principal: MARY }, headers), { status: 201 }, 'nor does it take the key');
  const again = await call('POST', `${SHARES}?dryRun=true`, { principal: MARY }, headers);
  t.match(again, { status: 200, json: { changed: false }, headers: { 'idempotency-replayed': undefined } });
});

t.test('numbers that JavaScript would round, or has none for, are part of the request to the letter', async (t) => {
  const { call } = await build(t);
  const put = (number: string, key: string) => {
    const statement = `{"Effect":"Deny","Principal":"*","Action":"secretsmanager:DeleteSecret","Resource":"*","Condition":{"NumericGreaterThan":{"aws:MultiFactorAuthAge":${number}}}}`;
    const headers = { 'idempotency-key': key, 'if-none-match': '*', 'content-type': 'application/json' };
    const url = `/v1/secrets/${key}/policy`;
    return call('PUT', url, `{"Version":"2012-10-17","Statement":[${statement}]}`, headers);
  };
  for (const [number, other, key] of [
    ['1e400', '1e401', 'demo%2Fdefault-key'],
    ['9007199254740993', '9007199254740992', 'demo%2Fapi-key'],
  ] as const) {
    const { status, json } = await put(number, key);
    t.equal(status, 200, number);
    t.equal(json.policy.Statement[0].Condition.NumericGreaterThan['aws:MultiFactorAuthAge'], number);
    const again = await put(number, key);
    t.same(again.json, json);
    t.equal(again.headers['idempotency-replayed'], 'true');
    t.match(await put(other, key), { status: 422, json: { code: 'idempotency-key-reused' } }, other);
  }
});

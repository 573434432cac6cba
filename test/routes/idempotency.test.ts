import t from 'tap';
import { build, MARY } from '../helper.ts';

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

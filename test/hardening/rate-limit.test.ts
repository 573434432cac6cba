import t from 'tap';
import { buildWithCallers } from '../callers.ts';
import { build, MARY } from '../helper.ts';

const reader = { scopes: ['policy:read'] };

t.test('each caller has its own limit; over it: 429 with Retry-After', async (t) => {
  const { as } = await buildWithCallers(t, { ann: reader, ben: reader }, { env: { RATE_LIMIT_MAX: '3' } });
  const ask = (name: 'ann' | 'ben') => as(name).get('/v1/templates');
  for (let count = 0; count < 3; count += 1) t.equal((await ask('ann')).status, 200);
  const refused = await ask('ann');
  t.equal(refused.status, 429);
  t.match(refused.json, { code: 'rate-limited', retryable: true });
  t.match(refused.headers['content-type'], 'application/problem+json');
  const seconds = Number(refused.headers['retry-after']);
  t.ok(seconds >= 1 && seconds <= 60, `Retry-After: ${seconds}`);
  t.equal((await ask('ben')).status, 200, 'another caller is not touched');
});

t.test('strangers count by address, and never shut out who has good credentials', async (t) => {
  const { app, keys } = await buildWithCallers(t, { ann: reader }, { env: { RATE_LIMIT_MAX: '3' } });
  const guess = (remoteAddress: string) =>
    app.inject({ url: '/v1/templates', headers: { 'x-api-key': 'wrong' }, remoteAddress });
  for (let count = 0; count < 3; count += 1) t.equal((await guess('192.0.2.1')).statusCode, 401);
  t.equal((await guess('192.0.2.1')).statusCode, 429);
  t.equal((await guess('192.0.2.2')).statusCode, 401);
  const good = await app.inject({
    url: '/v1/templates',
    headers: { 'x-api-key': keys.ann },
    remoteAddress: '192.0.2.1',
  });
  t.equal(good.statusCode, 200);
});

t.test('pages and addresses that do not exist count, probes do not', async (t) => {
  const { app } = await build(t, { env: { RATE_LIMIT_MAX: '2' } });
  const statuses = async (url: string) => [
    (await app.inject(url)).statusCode,
    (await app.inject(url)).statusCode,
    (await app.inject(url)).statusCode,
  ];
  t.same(await statuses('/livez'), [200, 200, 200]);
  t.same(await statuses('/readyz'), [200, 200, 200]);
  t.same(await statuses('/nothing'), [404, 404, 429]);
  t.same(await statuses('/problems/forbidden'), [429, 429, 429]);
  t.equal((await app.inject('/livez')).statusCode, 200);
});

t.test('X-Forwarded-For is nobody’s way around it, unless the proxy is trusted', async (t) => {
  const forwarded = (app: Awaited<ReturnType<typeof build>>['app'], address: string) =>
    app.inject({ url: '/nothing', headers: { 'x-forwarded-for': address } });
  const direct = await build(t, { env: { RATE_LIMIT_MAX: '1' } });
  t.equal((await forwarded(direct.app, '192.0.2.1')).statusCode, 404);
  t.equal((await forwarded(direct.app, '192.0.2.2')).statusCode, 429);
  await t.test('trusted', async (t) => {
    const behind = await build(t, { env: { RATE_LIMIT_MAX: '1', TRUST_PROXY: '127.0.0.1' } });
    t.equal((await forwarded(behind.app, '192.0.2.1')).statusCode, 404);
    t.equal((await forwarded(behind.app, '192.0.2.2')).statusCode, 404);
    t.equal((await forwarded(behind.app, '192.0.2.2')).statusCode, 429);
  });
});

t.test('each item of a bulk request counts against who asks, and looking at them does not', async (t) => {
  const people = { ann: { groups: ['payments'] }, ben: { groups: ['payments'] } };
  const { as } = await buildWithCallers(t, people, { env: { RATE_LIMIT_MAX: '20' } });
  const bulk = (name: 'ann' | 'ben', items: number, query = '') =>
    as(name).post(`/v1/bulk/denials${query}`, {
      items: Array.from({ length: items }, () => ({ secretId: 'demo/database', principal: MARY })),
    });
  t.equal((await bulk('ann', 15, '?dryRun=true')).status, 202);
  const refused = await bulk('ann', 15);
  t.match(refused, { status: 429, json: { code: 'rate-limited', retryable: true } });
  const seconds = Number(refused.headers['retry-after']);
  t.ok(seconds >= 1 && seconds <= 30, `ten of twenty a minute are lacking: ${seconds}`);
  t.equal((await as('ann').get('/v1/operations')).json.items.length, 1, 'nothing was begun, and looks go on');
  t.equal((await bulk('ben', 30)).status, 202, 'more than a minute has, by who asked for nothing yet');
  t.equal((await bulk('ben', 1)).status, 429, 'and it counts');
});

import t from 'tap';
import { build, MARY } from '../helper.ts';

/** `?pretty`: what a person reads is what a program gets, in lines. */

const SECRET = '/v1/secrets/demo%2Fdatabase';
const service = build(t);

t.test('answers and problems come in lines, and say the same', async (t) => {
  const { call } = await service;
  const pairs = [
    ['/v1/templates?limit=2', '/v1/templates?limit=2&pretty'],
    ['/v1/templates?limit=2', '/v1/templates?pretty=true&limit=2'],
    [SECRET, `${SECRET}?pretty`],
    [`${SECRET}/policy`, `${SECRET}/policy?pretty=`],
    ['/docs/json', '/docs/json?pretty'],
    [`${SECRET}/shares`, `${SECRET}/shares?limit=50&pretty=1`],
  ] as const;
  for (const [plain, pretty] of pairs) {
    const { body, headers } = await call('GET', plain);
    const answer = await call('GET', pretty);
    t.equal(answer.body, `${JSON.stringify(JSON.parse(body), null, 2)}\n`, pretty);
    t.equal(answer.headers['content-length'], String(Buffer.byteLength(answer.body)));
    t.equal(answer.headers['etag'], headers['etag']);
    t.notOk(body.includes('\n'));
  }
  for (const url of ['/v1/nowhere?pretty', `${SECRET}x?pretty`, `${SECRET}/shares?pretty&limit=0`]) {
    const { status, body, json } = await call('GET', url);
    t.equal(body, `${JSON.stringify(json, null, 2)}\n`, `${url} ${status}`);
  }
});

t.test('it is no parameter: any other of that name is refused as before', async (t) => {
  const { call } = await service;
  for (const query of ['pretty=false', 'pretty=2', 'prety', 'pretty&pretty', 'pretty&nonsense=1', 'Pretty']) {
    t.equal((await call('GET', `/v1/templates?${query}`)).status, 400, query);
  }
});

t.test('a request with it is the same as one without, to its Idempotency-Key too', async (t) => {
  const { call } = await service;
  const share = (query: string) =>
    call('POST', `${SECRET}/shares${query}`, { principal: MARY }, { 'idempotency-key': 'pretty' });
  const first = await share('?pretty');
  const [again, pretty] = [await share(''), await share('?pretty')];
  t.equal(first.status, 201);
  for (const { status, headers, json } of [again, pretty]) {
    t.match({ status, headers }, { status: 201, headers: { 'idempotency-replayed': 'true' } });
    t.strictSame(json, first.json);
  }
  t.equal(again.body, JSON.stringify(first.json));
  t.equal(pretty.body, first.body);
});

t.test('what is no JSON document stays as it is', async (t) => {
  const { call } = await service;
  for (const accept of ['application/x-ndjson', 'text/csv']) {
    const answer = await call('GET', '/v1/audit-events?pretty', undefined, { accept });
    t.equal(answer.body, (await call('GET', '/v1/audit-events', undefined, { accept })).body, accept);
  }
  t.equal((await call('GET', '/v1/approvals/events?pretty')).body, 'event: open\ndata: {}\n\n');
});

import t from 'tap';
import { build } from '../helper.ts';
import { exchange } from './wire.ts';

const { app } = await build(t);
const url = await app.listen({ host: '127.0.0.1', port: 0 });
const get = (path: string) => exchange(url, `GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`);

t.test('a path that is not plainly one of ours is 400 or 404, in our form', async (t) => {
  const tricks: Record<string, number> = {
    '/v1/secrets/%00': 400,
    '/v1/secrets/demo%00database': 400,
    '/v1/secrets/demo%0adatabase': 400,
    '/v1/secrets/demo%0d%0aX-Evil:%201': 400,
    '/v1/secrets/demo%252Fdatabase': 400,
    '/v1/secrets/demo%5Cdatabase': 400,
    '/v1/secrets/%c0%af': 400,
    '/v1/secrets/%ed%a0%80': 400,
    '/v1/secrets/%': 400,
    '/v1/secrets/%zz': 400,
    '/v1/secrets/%E2%80%AEdemo': 400,
    '/v1/secrets/demo%EF%BC%8Fdatabase': 400,
    '/v1/secrets/%3Cscript%3E': 400,
    '/v1/secrets/%24%7Bjndi:ldap:x%7D': 400,
    '/v1/secrets/..%2F..%2Fetc%2Fpasswd': 400,
    '/v1/secrets/../secrets': 404,
    '/v1/secrets/./shares': 400,
    '/v1/./secrets': 404,
    '/v1//secrets': 404,
    '//v1/secrets': 404,
    '/v1/secrets/': 400,
    '/V1/secrets': 404,
    '/v1/secrets;x=1': 404,
    '/v1/secrets/demo/database': 404,
    '/docs/static/../../package.json': 400,
    '/docs/static/..%2f..%2fpackage.json': 404,
    '/docs/static/%2e%2e/%2e%2e/package.json': 400,
    '/docs/static/..%5c..%5cpackage.json': 400,
    '/docs/static/%00': 400,
    '/problems/__proto__': 404,
    '/problems/constructor': 404,
    '/v1/templates/__proto__': 404,
    '/v1/templates/toString': 404,
    '/v1/audit-events/%00': 400,
    '/v1/audit-events/%27%20OR%201=1--': 404,
  };
  for (const [path, status] of Object.entries(tricks)) {
    const answer = await get(path);
    t.equal(answer.status, status, path);
    t.match(answer.headers['content-type'], 'application/problem+json', path);
    t.equal(answer.json['status'], status, path);
    t.notMatch(answer.headers, { 'x-evil': '1' });
  }
});

t.test('the root only leads to the documentation', async (t) => {
  const { status, headers } = await get('/');
  t.equal(status, 302);
  t.equal(headers['location'], '/docs');
});

t.test('the right spellings of a secret are one and the same', async (t) => {
  const arn = (await app.inject('/v1/secrets/demo%2Fdatabase')).json().arn;
  for (const id of [
    'demo%2Fdatabase',
    'demo%2fdatabase',
    '%64emo%2Fdatabase',
    encodeURIComponent(arn),
    arn.replace('/', '%2F'),
  ]) {
    t.equal((await get(`/v1/secrets/${id}`)).json['arn'], arn, id);
  }
});

t.test('a secret id is up to 2,048 characters, and not one more', async (t) => {
  t.equal((await get(`/v1/secrets/${'a'.repeat(2_048)}`)).status, 404);
  t.equal((await get(`/v1/secrets/${'a'.repeat(2_049)}`)).status, 400);
  t.equal((await get(`/v1/secrets/${'%61'.repeat(2_048)}`)).status, 404);
});

t.test('a wrong method is 405 and says which are right; a wrong path is 404 whatever the method', async (t) => {
  const wrong: [string, string, string][] = [
    ['POST', '/v1/secrets', 'GET, HEAD'],
    ['DELETE', '/v1/secrets/demo%2Fdatabase/shares', 'POST'],
    ['PATCH', '/v1/secrets/demo%2Fdatabase/policy', 'PUT'],
    ['PUT', '/v1/secrets/demo%2Fdatabase/shares/0123456789abcdef01234567', 'DELETE'],
    ['GET', '/v1/secrets/demo%2Fdatabase/policy/rollback', 'POST'],
    ['OPTIONS', '/v1/secrets', 'GET, HEAD'],
    ['TRACE', '/livez', 'GET, HEAD'],
    ['PROPFIND', '/v1/secrets?x=1', 'GET, HEAD'],
    ['DELETE', '/docs/static/index.css', 'GET, HEAD'],
  ];
  for (const [method, path, allowed] of wrong) {
    const answer = await exchange(url, `${method} ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`);
    t.equal(answer.status, 405, `${method} ${path}`);
    t.equal(answer.json['code'], 'method-not-allowed');
    t.match(answer.headers['allow'], allowed, `${method} ${path}`);
  }
  for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'PROPFIND']) {
    const body = 'Content-Type: text/xml\r\nContent-Length: 3\r\n\r\n<x>';
    const answer = await exchange(
      url,
      `${method} /v2/secrets HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n${body}`,
    );
    t.equal(answer.status, 404, method);
  }
});

t.test('HEAD answers as GET does, without the body', async (t) => {
  for (const path of ['/v1/secrets/demo%2Fdatabase/policy', '/livez', '/v1/nothing', '/v1/secrets/nothing']) {
    const got = await app.inject({ method: 'GET', url: path });
    const head = await app.inject({ method: 'HEAD', url: path });
    t.equal(head.statusCode, got.statusCode, path);
    t.equal(head.headers['content-type'], got.headers['content-type'], path);
    t.equal(head.headers['etag'], got.headers['etag'], path);
    t.equal(head.body, '', path);
  }
});

t.test('query parameters are known, given once, and of their type', async (t) => {
  const wrong = [
    '/v1/secrets?limit=1&limit=2',
    '/v1/secrets?limit[]=1',
    '/v1/secrets?name=a&name=b',
    '/v1/secrets?limit=0',
    '/v1/secrets?limit=1001',
    '/v1/secrets?limit=-1',
    '/v1/secrets?limit=',
    '/v1/secrets?limit=NaN',
    '/v1/secrets?__proto__=1',
    '/v1/secrets?constructor=1',
    '/v1/secrets?Name=demo',
    '/v1/secrets?=1',
    '/v1/audit-events?secret=%00',
    '/v1/audit-events?actor=a%00b',
    '/v1/audit-events?from=yesterday',
    '/v1/audit-events?cursor=%00',
    '/v1/audit-events?cursor=AAAA',
    '/v1/secrets/demo%2Fdatabase/shares?cursor=!!',
    '/v1/audit-events?from=2026-02-30T00:00:00Z',
    '/v1/audit-events/verification?x',
    '/livez?x=1',
    '/v1/templates/share-with-principal?dryRun=true',
  ];
  for (const path of wrong) {
    const { statusCode, headers, body } = await app.inject(path);
    t.equal(statusCode, 400, `${path} ${body}`);
    t.match(headers['content-type'], 'application/problem+json');
  }
  t.equal((await app.inject('/v1/secrets?')).statusCode, 200);
});

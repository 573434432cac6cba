import t from 'tap';
import { secretUrl } from '../../src/secret-url.ts';
import { build, MARY } from '../helper.ts';
import { hasNginx, startDecodingProxy, startNginx } from './decoding-proxy.ts';
import { exchange } from './wire.ts';

/** Names that AWS takes, and proxies make others of in a path. */
const CHANGED = ['/lead', 'trail/', 'a//b', 'a/../b', 'a/./b', '../up', '..'];

const { app, aws, call } = await build(t, { env: { ALLOWED_ACCOUNTS: '*' } });
const url = await app.listen({ host: '127.0.0.1', port: 0 });
const owner = (operation: string, input: object) =>
  aws.call('LOCALOWNER', 'us-east-1', 'secretsmanager', operation, input);
const names = [...CHANGED, 'lead', 'trail', 'a/b', 'b', 'up', '-'];
const arns = Object.fromEntries(
  names.map((Name) => [
    Name,
    String(owner('CreateSecret', { Name, SecretString: 'x', KmsKeyId: 'alias/demo' })['ARN']),
  ]),
);
const policies = () => names.map((SecretId) => owner('GetResourcePolicy', { SecretId })['ResourcePolicy'] ?? null);

const send = async (base: string, method: string, path: string, body?: object) => {
  const text = body === undefined ? '' : JSON.stringify(body);
  const type = body === undefined ? '' : `Content-Type: application/json\r\nContent-Length: ${text.length}\r\n`;
  return exchange(base, `${method} ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n${type}\r\n${text}`);
};

t.test('in a path a name that proxies change is refused, and nothing is done', async (t) => {
  const before = policies();
  const inArns = ['/lead', 'a//b', 'a/../b', 'a/./b', '../up'].map((name) => String(arns[name]));
  for (const name of [...CHANGED, ...inArns]) {
    const path = `/v1/secrets/${encodeURIComponent(name)}`;
    for (const answer of [
      await send(url, 'GET', path),
      await send(url, 'POST', `${path}/shares`, { principal: MARY }),
    ]) {
      t.match(
        answer,
        { status: 400, json: { code: 'validation-failed', errors: [{ path: '/params/secretId' }] } },
        name,
      );
      t.match(answer.body, /ask \/v1\/secrets\/-\//, name);
    }
  }
  t.same(policies(), before);
});

const behind: Record<string, () => Promise<string>> = {
  'nothing in between': async () => url,
  'a proxy that decodes': () => startDecodingProxy(t, url),
  ...(hasNginx && {
    'nginx that decodes': () => startNginx(t, `${url}/`),
    'nginx that does not': () => startNginx(t, url),
  }),
};

for (const [what, start] of Object.entries(behind)) {
  const base = await start();
  t.test(`named in the query it is the right one, whatever is in between: ${what}`, async (t) => {
    for (const name of names) {
      for (const id of [name, String(arns[name])]) {
        const path = `/v1/secrets/-/shares?secretId=${encodeURIComponent(id)}`;
        const made = await send(base, 'POST', path, { principal: MARY });
        t.match(made, { status: 201, json: { secret: { arn: arns[name], name } } }, id);
        const location = String(made.headers['location']);
        // Other names with slashes are not found behind a proxy that decodes, which is safe.
        const through = location.startsWith('/v1/secrets/-/') ? base : url;
        t.match(await send(through, 'GET', location), { status: 200, json: { principal: MARY } }, location);
        t.match(await send(through, 'DELETE', location), { status: 200, json: { secret: { name } } }, location);
      }
    }
  });
}

t.test('the path or the query names the secret: one of them, once', async (t) => {
  const wrong: Record<string, string> = {
    '/v1/secrets/-': '/querystring/secretId',
    '/v1/secrets/-/policy': '/querystring/secretId',
    '/v1/secrets/lead?secretId=lead': '/querystring/secretId',
    '/v1/secrets/-?secretId=': '/params/secretId',
    '/v1/secrets/-?secretId=a%0ab': '/params/secretId',
    '/v1/secrets/-?secretId=a&secretId=b': '/querystring/secretId',
    '/v1/secrets/-?secretid=lead': '/querystring/secretId',
  };
  for (const [path, field] of Object.entries(wrong)) {
    const { status, json } = await call('GET', path);
    t.match(json, { code: 'validation-failed', errors: [{ path: field }] }, path);
    t.equal(status, 400, path);
  }
  t.equal((await call('GET', '/v1/secrets?secretId=lead')).status, 400, 'a list is of no secret');
});

t.test('addresses that answers and warnings show work by themselves', (t) => {
  t.equal(secretUrl('prod/db', '/policy'), '/v1/secrets/prod%2Fdb/policy');
  t.equal(secretUrl('/lead'), '/v1/secrets/-?secretId=%2Flead');
  t.equal(secretUrl('a/../b', '/shares'), '/v1/secrets/-/shares?secretId=a%2F..%2Fb');
  t.equal(secretUrl('-', '/policy'), '/v1/secrets/-/policy?secretId=-');
  t.equal(secretUrl('...'), '/v1/secrets/...');
  t.end();
});

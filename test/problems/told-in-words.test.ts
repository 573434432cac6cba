import t from 'tap';
import { nearest } from '../../src/problems/nearest.ts';
import { build, MARY } from '../helper.ts';

const SECRET = '/v1/secrets/demo%2Fdatabase';
const { call } = await build(t);

t.test('the detail of what is not valid is its first error, with what to write instead', async (t) => {
  const share = async (body: object, query = '') => (await call('POST', `${SECRET}/shares${query}`, body)).json.detail;
  t.equal(await share({ principal: MARY, expiresin: '1d' }), 'expiresin is not known here: did you mean expiresIn?');
  t.equal(await share({ pricipal: MARY }), 'pricipal is not known here: did you mean principal?');
  t.equal(await share({ principal: MARY }, '?dryrun=true'), 'dryrun is not known here: did you mean dryRun?');
  t.match(
    await share({ principal: MARY, nothing: 1 }),
    /^nothing is not known here: it takes principal, organization, .*ticket\.$/,
  );
  t.match(await share({ principal: 'o-local00001' }), /it can’t be an organization: .*\(organization: o-local00001\)/);
  t.match(await share({ principal: 'o-local00001/r-root/ou-root-workload' }), /its own field \(organizationalUnit: o-/);
  t.match(await share({ principal: MARY, expiresIn: '30 days' }), /^expiresIn .*; for example 30d\.$/);
  t.match(
    await share({ principal: MARY, actions: ['GetSecretValue'] }),
    /did you mean secretsmanager:GetSecretValue\?$/,
  );
  t.equal(
    await share({ principal: MARY, principalTags: { 'cost centre': 'x' } }),
    'principalTags/cost centre is not of the form that a name takes here.',
  );
  t.match(await share({ a: 1, b: 2, principal: MARY }), /`errors` has 1 more\.$/);
});

t.test('a misspelt name is told at any depth, in lists of any length, and by how it begins', async (t) => {
  const detail = async (method: 'GET' | 'POST', url: string, body?: object) =>
    (await call(method, url, body)).json.detail as string;
  const lines = (count: number) => Array.from({ length: count }, () => ({ secretId: 'x', pricipal: MARY }));
  for (const [url, body, meant] of [
    ['/v1/manifests/plan', { secrets: { 'demo/database': { denny: [] } } }, 'denials'],
    [
      '/v1/manifests/plan',
      { secrets: { 'demo/database': { shares: [{ principal: MARY, expiresIn: '1d' }] } } },
      'expiresAt',
    ],
    ['/v1/bulk/shares', { items: lines(1) }, 'principal'],
    ['/v1/bulk/shares', { items: lines(400) }, 'principal'],
    ['/v1/bulk/denials', { secretIds: ['x'], principal: [MARY] }, 'principals'],
    [`${SECRET}/restrictions`, { boundary: { organisation: 'o-local00001' } }, 'organization'],
    [`${SECRET}/shares`, { permissionSet: { name: 'x', acount: '222222222222' } }, 'account'],
    [`${SECRET}/shares`, { principal: MARY, expiry: '1d' }, 'expiresAt'],
    ['/v1/incidents', { freez: { secretIds: ['x'] } }, 'freeze'],
    ['/v1/incidents', { freeze: { secretsIds: ['x'] }, reason: 'x' }, 'secretIds'],
    ['/v1/access-requests', { secret: 'x', principal: MARY, expiresIn: '1d', reason: 'x' }, 'secretId'],
  ] as const) {
    const told = await detail('POST', url, body);
    t.ok(told.includes(`did you mean ${meant}?`), `${JSON.stringify(body).slice(0, 80)}: ${told}`);
  }
  for (const [url, meant] of [
    ['/v1/audit-events?actin=deny', 'action'],
    ['/v1/audit-events?action=denny', 'deny'],
    ['/v1/estate/secrets?tagkey=x', 'tagKey'],
    ['/v1/secrets?limt=1', 'limit'],
    ['/v1/approvals?waitingfor=me', 'waitingFor'],
  ] as const) {
    const told = await detail('GET', url);
    t.ok(told.includes(`did you mean ${meant}?`), `${url}: ${told}`);
  }
  const both = await detail('POST', `${SECRET}/restrictions`, {
    boundary: { vpcs: ['vpc-1'], sourceIps: ['10.0.0.1'] },
  });
  t.notMatch(both, /did you mean/, 'what is known is not meant otherwise');
});

t.test('a secret whose slash is not encoded: the address with %2F', async (t) => {
  for (const [url, meant] of [
    ['/v1/secrets/demo/database', '/v1/secrets/demo%2Fdatabase'],
    ['/v1/secrets/demo/database/shares', '/v1/secrets/demo%2Fdatabase/shares'],
    ['/v1/secrets/a/b/c/policy/rollback', '/v1/secrets/a%2Fb%2Fc/policy/rollback'],
  ] as const) {
    t.match(await call('GET', url), {
      status: 404,
      json: { code: 'route-not-found', detail: `did you mean ${meant}?` },
    });
  }
  t.equal((await call('GET', '/v1/nothing')).json.detail, 'The service has nothing at this address. See /docs.');
});

t.test('a resource that is misspelt, whatever is asked of it', async (t) => {
  for (const [url, meant] of [
    ['/v1/secret/demo%2Fdatabase', '/v1/secrets/demo%2Fdatabase'],
    ['/v1/secret/demo%2Fdatabase/shares', '/v1/secrets/demo%2Fdatabase/shares'],
    ['/v1/secret/demo/database/shares', '/v1/secrets/demo%2Fdatabase/shares'],
    ['/v1/secret/demo%2Fdatabase/share', '/v1/secrets/demo%2Fdatabase/shares'],
    ['/v1/finding', '/v1/findings'],
  ] as const) {
    t.match(await call('GET', url), {
      status: 404,
      json: { code: 'route-not-found', detail: `you mean ${meant}?` },
    });
  }
  for (const url of ['/v1/templates/a/b', '/v1/secret', '/v1/nothing/demo%2Fdatabase', '/v1/secret/a"b'])
    t.match((await call('GET', url)).status, 404, url);
});

t.test('where a body stops being JSON, without a word of it', async (t) => {
  const send = async (payload: string) =>
    (await call('POST', `${SECRET}/shares`, payload, { 'content-type': 'application/json' })).json;
  const broken = await send('{"principal": "secret-value"\n"reason": 1}');
  t.match(broken, { code: 'malformed-json', detail: /line 2, column 1/ });
  t.notMatch(broken.detail, 'secret-value');
  for (const [text, where] of [
    ['{"principal":"x",\n "reason": oops}', 'line 2, column 12'],
    ['{"principal": }', 'line 1, column 15'],
    ['{"principal": "x", }', 'line 1, column 20'],
    ['{"principal": -}', 'line 1, column 16'],
    ["{'principal': 1}", 'line 1, column 2'],
    ['oops', 'line 1, column 1'],
  ] as const) {
    t.match(await send(text), { code: 'malformed-json', detail: where }, text);
  }
  t.equal((await send(`{"a": "${'x'.repeat(20_000)}", "b": oops}`)).detail, 'The body can’t be read: It is not JSON.');
});

t.test('repeating helps only where something may be another by then', async (t) => {
  const unknown = await call('POST', `${SECRET}/shares`, { principal: 'arn:aws:iam::123456789999:user/Nobody' });
  t.match(unknown.json, { code: 'principal-not-found', retryable: true }, 'it may have been made just now');
  t.match((await call('GET', `${SECRET}/shares/nope`)).json, { retryable: false });
});

t.test(
  'what was meant: by case, by its last part, by a letter or two, by two that changed places; else nothing',
  async (t) => {
    t.equal(nearest('PRINCIPAL', ['principal', 'actions']), 'principal');
    t.equal(nearest('getsecretvalue', ['secretsmanager:GetSecretValue']), 'secretsmanager:GetSecretValue');
    t.equal(nearest('acitons', ['principal', 'actions']), 'actions');
    t.equal(nearest('nmae', ['name', 'limit']), 'name');
    t.equal(nearest('pricnipal', ['principal', 'actions']), 'principal');
    t.equal(nearest('mnae', ['name']), undefined, 'nor what takes more');
    t.equal(nearest('x', ['y']), undefined);
    t.equal(nearest('constructor', ['principal']), undefined);
    t.equal(nearest('x'.repeat(1_000_000), ['principal']), undefined);
  },
);

t.test('/problems lists every code, and leads to nothing that is not there', async (t) => {
  const { status, body } = await call('GET', '/problems');
  t.equal(status, 200);
  for (const code of ['validation-failed', 'secret-not-found', 'aws-throttled']) t.match(body, `/problems/${code}`);
  const { body: one } = await call('GET', '/problems/secret-not-found');
  const addresses = [...`${body}${one}`.matchAll(/(?:href|src)="([^"]+)"/g)].map(([, address = '']) => address);
  t.ok(addresses.includes('/console'));
  for (const address of new Set(addresses)) t.equal((await call('GET', address)).status, 200, address);
});

import t from 'tap';
import { buildWithCallers, ON_CALL } from '../callers.ts';
import { operationsOf } from '../document.ts';
import { APP_ROLE, MARY } from '../helper.ts';

const { app, keys } = await buildWithCallers(t, { ann: { groups: ['secret-admins'], scopes: ON_CALL } });

/** Everything that is reachable without credentials. A route that is added here has to be meant. */
const PUBLIC = [
  '/',
  '/access',
  '/access/:secretId',
  '/console',
  '/console-files/*',
  '/console/',
  '/console/*',
  '/docs',
  '/docs/',
  '/docs/json',
  '/docs/static/*',
  '/docs/static/index.html',
  '/docs/static/swagger-initializer.js',
  '/docs/static/theme/logo.svg',
  '/docs/static/theme/look.css',
  '/docs/static/theme/look.js',
  '/docs/static/theme/resolve.js',
  '/docs/yaml',
  '/livez',
  '/metrics',
  '/problems',
  '/problems/:code',
  '/readyz',
];

/** Not GET, and changes no policy. */
const LOOKS = ['checkAccess', 'checkAuthorization', 'planManifest'];

type Route = { path: string; methods: string[] };

/** The router's own table, hidden routes too. */
function routeTable(): Route[] {
  const above: string[] = [];
  return app
    .printRoutes()
    .split('\n')
    .flatMap((line) => {
      const [, indent = '', part = '', methods] = /^([│ ]*)(?:├──|└──) (\S+?)(?: \(([A-Z, ]+)\))?$/.exec(line) ?? [];
      if (part === '') return [];
      const depth = indent.length / 4;
      above.splice(depth, above.length, part);
      return methods === undefined ? [] : [{ path: above.join(''), methods: methods.split(', ') }];
    });
}

const addressOf = (path: string): string =>
  path.replace(':secretId', 'demo%2Fdatabase').replace(':code', 'forbidden').replace(/:\w+/, '0123').replace('*', 'x');

const routes = routeTable();

t.test('without good credentials nothing answers but what is public on purpose', async (t) => {
  const open = new Set<string>();
  for (const { path, methods } of routes) {
    for (const method of methods) {
      const url = addressOf(path);
      for (const headers of [
        {},
        { 'x-api-key': 'wrong' },
        { authorization: `Bearer wrong` },
        { authorization: 'Basic YTpi' },
      ]) {
        const answer = await app.inject({
          method: method as 'GET',
          url,
          headers: { ...headers, 'content-type': 'application/json' },
        });
        if (answer.statusCode !== 401) open.add(path);
        else t.ok(answer.body === '' || answer.json().code === 'unauthenticated', `${method} ${path}`);
      }
    }
  }
  t.same([...open].sort(), PUBLIC);
  t.ok(routes.length > PUBLIC.length + 10, 'the table was read');
});

const UUID = '01890a5d-ac96-774b-bcce-b302099a8057';
const BODIES: Record<string, object> = {
  startSurvey: {},
  beginIncident: { freeze: { secretIds: ['nothing'] } },
  liftIncident: {},
  acknowledgeFinding: { etag: '"x"', reason: 'Known', until: '2099-12-31T00:00:00Z' },
  createShare: { principal: MARY },
  createDenial: { principal: APP_ROLE },
  createRestriction: { boundary: { organization: 'o-local00001' } },
  putPolicy: {
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: { AWS: MARY }, Action: 'secretsmanager:*', Resource: '*' }],
  },
  rollBackPolicy: { changeId: UUID },
  restoreDrift: {},
  pruneOrphans: {},
  adoptStatement: { hash: 'f'.repeat(24) },
  approveChange: { etag: '"x"' },
  requestAccess: { secretId: 'nothing', principal: MARY, expiresIn: '30d', reason: 'report' },
  planManifest: { secrets: { nothing: {} } },
  applyManifest: { secrets: { nothing: {} } },
  rejectChange: {},
  bulkShare: { items: [{ secretId: 'nothing', principal: MARY }] },
  bulkDeny: { items: [{ secretId: 'nothing', principal: MARY }] },
  bulkRevoke: { items: [{ secretId: 'nothing', kind: 'share', id: 'f'.repeat(24) }] },
};

const operations = operationsOf(app);
const isPublic = (path: string) => PUBLIC.includes(path.replace(/\{(\w+)\}/g, ':$1'));

t.test('the document has every route that is not a page for people', async (t) => {
  const documented = operations.map(({ method, path }) => `${method} ${path.replace(/\{(\w+)\}/g, ':$1')}`);
  const served = routes.flatMap(({ path, methods }) => methods.map((method) => `${method} ${path}`));
  t.same(documented.sort(), served.filter((route) => !/ \/(docs|access|console|$)|^HEAD /.test(route)).sort());
});

t.test('every operation says what it is and how it may end', async (t) => {
  const ids = operations.map(({ operationId }) => operationId);
  t.equal(new Set(ids).size, operations.length, 'operation ids are there, and differ');
  for (const { method, path, operationId, tags, summary, description, security, responses } of operations) {
    t.strictSame(security, isPublic(path) ? [] : undefined, `${operationId}: what it takes to call it`);
    t.ok(/^[a-z][A-Za-z]+$/.test(operationId ?? ''), `${method} ${path}: operationId`);
    t.equal(tags?.length, 1, `${operationId}: one tag`);
    t.ok(summary && description && summary !== description, `${operationId}: summary and description`);
    const problems = Object.entries(responses).filter(
      ([status]) => /^[45]/.test(status) && !(operationId === 'readyz' && status === '503'),
    );
    for (const [status, response] of problems) {
      t.equal(
        response.content?.['application/problem+json']?.schema.$ref,
        '#/components/schemas/Problem',
        `${operationId} ${status}`,
      );
    }
    const statuses = Object.keys(responses);
    const expected = isPublic(path) ? ['400'] : ['400', '401', '429', '500', '503'];
    t.same(
      expected.filter((status) => !statuses.includes(status)),
      [],
      `${operationId}: ${statuses}`,
    );
    t.ok(
      statuses.some((status) => status.startsWith('2')),
      `${operationId}: how it succeeds`,
    );
  }
});

const EVERYTHING = ['query dryRun', 'header if-match', 'header idempotency-key'];
/** What is not about one policy takes less than a change of one does. */
const TAKES_LESS: Record<string, string[]> = {
  bulkShare: ['query dryRun', 'header idempotency-key'],
  bulkDeny: ['query dryRun', 'header idempotency-key'],
  bulkRevoke: ['query dryRun', 'header idempotency-key'],
  applyManifest: ['query dryRun', 'header idempotency-key'],
  requestAccess: ['header idempotency-key'],
  startSurvey: ['header idempotency-key'],
  beginIncident: ['query dryRun', 'header idempotency-key'],
  liftIncident: ['query dryRun', 'header idempotency-key'],
  acknowledgeFinding: ['header idempotency-key'],
  withdrawChange: ['header idempotency-key'],
  approveChange: ['header idempotency-key'],
  rejectChange: ['header idempotency-key'],
  cancelOperation: [],
};

t.test('whatever is not a look takes a dry run, a precondition and an idempotency key', async (t) => {
  const changes = operations.filter(({ method, operationId = '' }) => method !== 'GET' && !LOOKS.includes(operationId));
  t.ok(changes.length >= 9);
  for (const { method, path, operationId = '', parameters = [], responses } of changes) {
    const names = parameters.map(({ in: where, name }) => `${where} ${where === 'header' ? name.toLowerCase() : name}`);
    const taken = EVERYTHING.filter((name) => names.includes(name));
    t.same(taken, TAKES_LESS[operationId] ?? EVERYTHING, operationId);
    if (taken.length === EVERYTHING.length)
      for (const status of ['404', '409', '412', '422']) t.ok(responses[status], `${operationId}: ${status}`);
    if (!taken.includes('header idempotency-key')) continue;
    const url = path
      .replace('{secretId}', 'nothing')
      .replace(/\{(share|denial|restriction)Id\}/, 'f'.repeat(24))
      .replace('{approvalId}', UUID)
      .replace('{incidentId}', UUID)
      .replace('{findingId}', 'f'.repeat(24));
    const ask = () =>
      app.inject({
        method: method as 'POST',
        url,
        headers: { 'x-api-key': keys.ann, 'idempotency-key': `key-${operationId}`, 'if-match': '"x"' },
        ...(BODIES[operationId] && { payload: BODIES[operationId] }),
      });
    const [first, second] = [await ask(), await ask()];
    t.match(String(first.statusCode), /^(202|404)$/, `${operationId}: ${first.body}`);
    t.equal(second.headers['idempotency-replayed'], 'true', operationId);
    t.equal(second.body, first.body, operationId);
  }
});

import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { guardedActions } from '../../src/access/guard/authorizer.ts';
import { buildWithCallers } from '../callers.ts';
import { build, MARY } from '../helper.ts';
import { until } from '../wait.ts';

const CHECKS = '/v1/authorization-checks';
const OF_THE_SERVICE = [
  ...['listSecrets', 'readTemplates', 'readAudit', 'useAccount', 'readIdentity', 'startOperation', 'cancelOperation'],
  ...['readEstate', 'survey'],
];
/** Asked about as such, and about each secret. */
const OF_BOTH = ['freeze', 'evict', 'lift'];

const POLICIES = {
  'week.cedar': `
    @id("at-most-a-week") forbid (principal, action == Action::"share", resource)
    unless { context has lifetimeSeconds && context.lifetimeSeconds <= 604800 };`,
  'reason.cedar': `
    @id("say-why") forbid (principal, action == Action::"deny", resource) unless { context.hasReason };`,
  'endpoint.cedar': `
    @id("not-by-address") forbid (principal, action == Action::"restrict", resource)
    when { context has conditionKeys && context.conditionKeys.contains("aws:SourceIp") };
    @id("tags-of-mary") forbid (principal, action == Action::"share", resource)
    when { context has principalAccount && context.principalAccount == "123456789999" &&
      !(context has conditionKeys && context.conditionKeys.contains("aws:PrincipalTag/team")) };`,
};

const { as, call } = await buildWithCallers(
  t,
  {
    pam: { groups: ['payments'] },
    paul: { groups: ['platform'] },
    ann: { scopes: ['audit:read'] },
    nil: { scopes: [] },
  },
  { policies: POLICIES },
);
type Name = Parameters<typeof as>[0];

type Item = { action: string; allowed: boolean; approval: string | null; policies: string[] };

t.test('a caller without authentication may do everything in local mode', async (t) => {
  const { call } = await build(t);
  const { status, json } = await call('POST', CHECKS, { secretId: 'demo/database' });
  t.equal(status, 200);
  t.same(
    json.items.map(({ action }: Item) => action),
    [...guardedActions],
  );
  t.ok(json.items.every(({ allowed }: Item) => allowed));
  t.match(json.items[0], { action: 'listSecrets', allowed: true, approval: null, policies: ['read-by-scope'] });
});

t.test('the answer is what the call itself would meet, with the secret’s own tags', async (t) => {
  const asked = async (who: Name, body: object): Promise<Item[]> =>
    (await as(who).post(CHECKS, { secretId: 'demo/database', ...body })).json.items;
  const soon = new Date(Date.now() + 3_600_000).toISOString();
  const late = new Date(Date.now() + 8 * 86_400_000).toISOString();
  const principal = '222222222222';

  const rows: [who: Name, question: object, policies: string[]][] = [
    ['pam', { action: 'share', principal, expiresAt: soon }, []],
    ['pam', { action: 'share', principal, expiresAt: late }, ['at-most-a-week']],
    ['pam', { action: 'share', principal }, ['at-most-a-week']],
    ['pam', { action: 'share', principal: MARY, expiresAt: soon }, ['tags-of-mary']],
    ['pam', { action: 'share', principal: MARY, expiresAt: soon, conditionKeys: ['aws:PrincipalTag/team'] }, []],
    ['pam', { action: 'share', principal, expiresAt: soon, actions: ['secretsmanager:*'] }, ['no-escalation']],
    ['paul', { action: 'share', principal, expiresAt: soon }, ['teams-own-their-secrets']],
    ['pam', { action: 'deny', principal: MARY }, ['say-why']],
    ['pam', { action: 'deny', principal: MARY, reason: 'left' }, []],
    ['pam', { action: 'restrict', conditionKeys: ['aws:SourceIp'] }, ['not-by-address']],
    ['pam', { action: 'replacePolicy', actions: ['secretsmanager:PutResourcePolicy'] }, ['no-escalation']],
  ];
  for (const [who, question, forbidding] of rows) {
    const [item] = await asked(who, question);
    const title = `${who} ${JSON.stringify(question)}`;
    t.equal(item?.allowed, forbidding.length === 0, title);
    if (forbidding.length > 0) t.same(item?.policies, forbidding, title);
  }

  const share = async (body: object) => (await as('pam').post('/v1/secrets/demo%2Fdatabase/shares', body)).json;
  t.same((await share({ principal, expiresAt: late })).policies, ['at-most-a-week'], 'as the check said');
  t.same((await share({ principal: MARY, expiresAt: soon })).policies, ['tags-of-mary']);
  t.equal((await share({ principal: MARY, expiresAt: soon, principalTags: { team: 'x' } })).changed, true);
  const restriction = { boundary: { sourceIps: ['203.0.113.0/24'] } };
  const restricted = await as('pam').post('/v1/secrets/demo%2Fdatabase/restrictions', restriction);
  t.same(restricted.json.policies, ['not-by-address']);
});

t.test('a lifetime of a fraction more than allowed is more', async (t) => {
  const now = Date.UTC(2030, 0, 1);
  const { as } = await buildWithCallers(
    t,
    { pam: { groups: ['payments'] } },
    { policies: POLICIES, overrides: { clock: () => new Date(now) } },
  );
  const week = 7 * 86_400_000;
  for (const [milliseconds, status] of [
    [week + 1, 403],
    [week, 201],
  ] as const) {
    const expiresAt = new Date(now + milliseconds).toISOString();
    const share = await as('pam').post('/v1/secrets/demo%2Fdatabase/shares', { principal: '222222222222', expiresAt });
    t.equal(share.status, status, share.body);
  }
});

t.test('what would wait for a second person names the group', async (t) => {
  const policy = `@id("with-approval") @approval("security") permit (principal, action == Action::"share", resource);`;
  const pam = { groups: ['payments'], scopes: ['policy:read'] };
  const { as } = await buildWithCallers(t, { pam }, { policies: { 'approval.cedar': policy } });
  const { json } = await as('pam').post(CHECKS, { secretId: 'demo/database', action: 'share' });
  t.same(json.items, [{ action: 'share', allowed: true, approval: 'security', policies: ['with-approval'] }]);
});

t.test('without a secret only calls that are about none are answered', async (t) => {
  const { json } = await as('ann').post(CHECKS, {});
  t.same(
    json.items.map(({ action, allowed }: Item) => [action, allowed]),
    [
      ['listSecrets', false],
      ['readAudit', true],
      ['readTemplates', false],
      ['useAccount', false],
      ['readIdentity', false],
      ['startOperation', false],
      ['cancelOperation', false],
      ['readEstate', false],
      ['survey', false],
      ['freeze', false],
      ['evict', false],
      ['lift', false],
    ],
  );
  for (const action of [...OF_THE_SERVICE, ...OF_BOTH])
    t.equal((await as('ann').post(CHECKS, { action })).json.items.length, 1);
  for (const action of OF_THE_SERVICE) {
    t.equal((await as('ann').post(CHECKS, { action, secretId: 'demo/database' })).status, 200);
  }
  const share = await as('ann').post(CHECKS, { action: 'share' });
  t.match(share, { status: 400, json: { code: 'validation-failed', errors: [{ path: '/secretId' }] } });
});

t.test(
  'every action is answered, for every secret that one may see; who may do nothing is told nothing of it',
  async (t) => {
    const { json } = await as('pam').post(CHECKS, { secretId: 'demo/api-key' });
    t.equal(json.items.length, guardedActions.length);
    t.match(await as('nil').post(CHECKS, { secretId: 'demo/api-key' }), { status: 403, json: { code: 'forbidden' } });
  },
);

t.test('bad questions are refused', async (t) => {
  const refused = async (body: object, status: number) =>
    t.equal((await as('pam').post(CHECKS, body)).status, status, JSON.stringify(body).slice(0, 100));
  await refused({ secretId: 'nothing' }, 404);
  await refused({ action: 'fly' }, 400);
  await refused({ secret: 'demo/database' }, 400);
  await refused({ actions: [] }, 400);
  await refused({ actions: ['s3:GetObject'] }, 400);
  await refused({ expiresAt: 'tomorrow' }, 400);
  await refused({ reason: 'x'.repeat(501) }, 400);
  await refused({ conditionKeys: Array(51).fill('aws:SourceIp') }, 400);
  await refused({ conditionKeys: ['"'] }, 400);
  t.match(await call('POST', CHECKS, {}), { status: 401, json: { code: 'unauthenticated' } });
});

t.test('a check is no change: nothing of it is in the audit log', async (t) => {
  const { call } = await build(t);
  await call('POST', CHECKS, { secretId: 'demo/database' });
  t.same((await call('GET', '/v1/audit-events')).json.items, []);
});

t.test('guardrails that are changed while the service runs are in force within seconds', async (t) => {
  const { as, write } = await buildWithCallers(t, { pam: { groups: ['payments'] } });
  const shares = '/v1/secrets/demo%2Fdatabase/shares';
  t.equal((await as('pam').post(shares, { principal: '222222222222' })).status, 201);
  write('freeze.cedar', '@id("frozen") forbid (principal, action in Action::"write", resource);');
  const check = async () =>
    (await as('pam').post(CHECKS, { secretId: 'demo/database', action: 'share' })).json.items[0];
  await until(async () => !(await check()).allowed);
  t.match(await check(), { allowed: false, policies: ['frozen'] });
  const refused = await as('pam').post(shares, { principal: '333333333333' });
  t.equal(refused.status, 403);
  t.same(refused.json.policies, ['frozen']);

  write('broken.cedar', 'forbid (principal, action, resource) when { context.nothing };');
  await sleep(1_500);
  t.match(await check(), { policies: ['frozen'] }, 'a set that is not valid leaves the one before in force');
});

t.test('a refusal by a guardrail is on record, with the guardrails that made it', async (t) => {
  const denial = { principal: MARY, reason: 'why not', ticket: 'OPS-9' };
  const refused = await as('paul').post('/v1/secrets/demo%2Fdatabase/denials', denial);
  t.match(refused, { status: 403, json: { code: 'forbidden', policies: ['teams-own-their-secrets'] } });
  const { items } = (await as('paul').get('/v1/audit-events?outcome=refused&actor=paul')).json;
  t.equal(items.length, 1);
  t.match(items[0], {
    action: 'deny',
    phase: 'outcome',
    actor: { subject: 'paul', method: 'apiKey' },
    secret: { name: 'demo/database' },
    request: { principal: MARY },
    reason: 'why not',
    ticket: 'OPS-9',
    policy: null,
    error: { code: 'forbidden', message: /teams-own-their-secrets/ },
  });
});

import { join } from 'node:path';
import t from 'tap';
import { seed, seedEstate, startLocalAws } from '../../src/local-aws/index.ts';
import { buildWithCallers } from '../callers.ts';
import { build, MARY } from '../helper.ts';
import { eventually } from '../wait.ts';
import { survey } from './survey.ts';

const ESTATE = { ESTATE_ACCOUNTS: '111111111111,333333333333', ESTATE_REGIONS: 'us-east-1,eu-west-1' };
t.test('a survey looks at all accounts and Regions, and it is told how far it is', async (t) => {
  const built = await build(t, { env: ESTATE });
  t.match((await built.call('GET', '/v1/estate')).json, { places: { total: 0 }, secrets: 0, oldestLookAt: null });
  t.match(await survey(built), { action: 'survey', status: 'done', counts: { total: 4, applied: 4 } });
  const { json } = await built.call('GET', '/v1/estate');
  t.match(json, {
    accounts: ['111111111111', '333333333333'],
    regions: ['eu-west-1', 'us-east-1'],
    places: { total: 4, surveyed: 4, surveying: 0, waiting: 0, failed: 0 },
    failures: [],
  });
  t.ok(json.secrets >= 4);
  t.ok(Date.parse(json.oldestLookAt) <= Date.now());
});

t.test('a part of it, or one secret; what is not of it is refused', async (t) => {
  const built = await build(t, { env: ESTATE });
  t.match(await survey(built, { account: '333333333333', region: 'us-east-1' }), { counts: { total: 1, applied: 1 } });
  t.match((await built.call('GET', '/v1/estate')).json, { places: { surveyed: 1, waiting: 3 }, secrets: 1 });
  t.match(await survey(built, { secretId: 'demo/database' }), { counts: { total: 1, applied: 1 } });
  const arn = await built.arnOf('demo/database');
  t.match(await survey(built, { secretId: arn }), { counts: { total: 1, applied: 1 } });
  const gone = await survey(built, { secretId: 'demo/nothing' });
  t.match((await built.call('GET', `/v1/operations/${gone.id}/items`)).json.items, [
    { status: 'failed', result: { problem: { code: 'secret-not-found' } } },
  ]);
  for (const body of [{ account: '999999999999' }, { secretId: arn.replace('111111111111', '999999999999') }])
    t.match(await built.call('POST', '/v1/estate/surveys', body), { status: 400, json: { code: 'validation-failed' } });
});

t.test('one secret can be looked at before anything was surveyed, and before anybody surveys', async (t) => {
  for (const one of ['demo/database', 'ARN'])
    for (const ask of [
      (built: Awaited<ReturnType<typeof build>>, secretId: string) => survey(built, { secretId }),
      (built: Awaited<ReturnType<typeof build>>, secretId: string) =>
        built.call('GET', `/v1/estate/secrets?secret=${encodeURIComponent(secretId)}&fresh=true`),
    ]) {
      const built = await build(t, { env: ESTATE });
      const arn = await built.arnOf('demo/database');
      await ask(built, one === 'ARN' ? arn : one);
      t.match((await built.call('GET', '/v1/estate/secrets')).json.items, [{ arn, exposure: 'none' }]);
      t.match((await built.call('GET', '/v1/estate')).json, { places: { total: 4, waiting: 4 }, failures: [] });
    }
});

t.test('a name is looked up in the service’s own account and Region, where they are of the estate', async (t) => {
  const built = await build(t, { env: { ESTATE_REGIONS: 'eu-west-1' } });
  await survey(built);
  for (const name of ['demo/database', 'demo/nothing']) {
    const answer = await built.call('GET', `/v1/estate/secrets?secret=${name}&fresh=true`);
    t.match(answer, { status: 400, json: { code: 'validation-failed' } }, name);
  }
});

t.test('an account that can’t be looked at stops no other, and says why', async (t) => {
  const built = await build(t, { env: { ESTATE_ACCOUNTS: '999999999999,111111111111' } });
  t.match(await survey(built), { counts: { total: 2, applied: 1, failed: 1 } });
  const { json } = await built.call('GET', '/v1/estate');
  t.match(json, { places: { surveyed: 1, failed: 1 } });
  t.match(json.failures, [
    { account: '999999999999', region: 'us-east-1', secret: null, lastLookAt: null, code: 'aws-access-denied' },
  ]);
  const SecretId = 'demo/database';
  const attach = (policy: object) =>
    built.aws.call('LOCALOWNER', 'us-east-1', 'secretsmanager', 'PutResourcePolicy', {
      ...{ SecretId, ResourcePolicy: JSON.stringify(policy) },
    });
  attach({
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Deny',
        Principal: { AWS: 'arn:aws:iam::111111111111:role/secret-access-service' },
        Action: 'secretsmanager:GetResourcePolicy',
        Resource: '*',
      },
    ],
  });
  await survey(built);
  t.match((await built.call('GET', '/v1/estate')).json.failures, [{}, { secret: { name: SecretId } }]);
  const { json: plan } = await built.call('POST', '/v1/incidents?dryRun=true', { evict: { account: '222222222222' } });
  t.match(plan.gaps, [/999999999999/, /us-east-1 of 111111111111: secrets that could not be looked at: 1 /]);
  t.notMatch(JSON.stringify(plan.gaps), SecretId);
});

t.test('by itself at the start, and then again and again, where nobody says otherwise', async (t) => {
  const built = await build(t, { env: { ESTATE_SURVEY_INTERVAL: '6h' } });
  await eventually(async () => {
    const { json } = await built.call('GET', '/v1/estate');
    if (json.places.surveyed !== 1) throw new Error(JSON.stringify(json));
  });
  t.match((await built.call('GET', '/v1/estate')).json, { accounts: ['111111111111'], regions: ['us-east-1'] });
});

t.test(
  'what was found in an account or Region that leaves the estate is over, and what was said of it comes back',
  async (t) => {
    let ahead = 0;
    const aws = await startLocalAws({ port: 0, file: ':memory:' });
    t.teardown(() => aws.close());
    seed(aws);
    const far = (operation: string, input: object) =>
      aws.call('LOCALOWNER', 'eu-west-1', 'secretsmanager', operation, input);
    const { ARN } = far('CreateSecret', { Name: 'far', SecretString: 'x' });
    const Statement = {
      Effect: 'Allow',
      Principal: { AWS: MARY },
      Action: 'secretsmanager:GetSecretValue',
      Resource: '*',
    };
    far('PutResourcePolicy', { SecretId: ARN, ResourcePolicy: JSON.stringify({ Version: '2012-10-17', Statement }) });
    const DATABASE_URL = `sqlite:${join(t.testdir({}), 'audit.db')}`;
    const start = (ESTATE_REGIONS: string) =>
      build(t, {
        aws,
        env: { DATABASE_URL, ESTATE_REGIONS },
        overrides: { clock: () => new Date(Date.now() + ahead) },
      });
    const found = async ({ call }: Awaited<ReturnType<typeof start>>) =>
      (await call('GET', '/v1/findings')).json.items.filter(({ region }: { region: string }) => region === 'eu-west-1');
    const both = await start('us-east-1,eu-west-1');
    await survey(both);
    const kinds = (await found(both)).map(({ kind }: { kind: string }) => kind);
    t.ok(kinds.includes('outside-reader'));
    const [{ id, etag }] = await found(both);
    const known = { etag, reason: 'known', until: '2099-01-01T00:00:00Z' };
    t.match(await both.call('POST', `/v1/findings/${id}/acknowledge`, known), { status: 200 });
    await both.app.close();

    ahead = 16 * 60_000;
    const one = await start('us-east-1');
    await survey(one);
    t.same(await found(one), []);
    t.match((await one.call('GET', '/v1/estate')).json, { regions: ['us-east-1'] });
    const closed = (await one.call('GET', '/v1/audit-events?action=closeFinding')).json.items;
    t.strictSame(closed.map(({ request }: { request: { kind: string } }) => request.kind).toSorted(), kinds.toSorted());
    await one.app.close();

    const again = await start('us-east-1,eu-west-1');
    await survey(again);
    t.match(
      (await found(again)).filter(({ status }: { status: string }) => status === 'acknowledged'),
      [{ id, acknowledged: { reason: 'known' } }],
      'and nothing else',
    );
  },
);

t.test('it is for who has the scope, whose doing it is in the audit log', async (t) => {
  const { as } = await buildWithCallers(t, {
    ann: { scopes: ['estate:read'] },
    pam: { scopes: ['policy:read', 'policy:write', 'audit:read'] },
  });
  for (const answer of [await as('pam').get('/v1/estate'), await as('pam').post('/v1/estate/surveys', {})])
    t.match(answer, { status: 403, json: { code: 'forbidden' } });
  await survey(as('ann'));
  t.match(await as('ann').get('/v1/estate'), { status: 200, json: { places: { surveyed: 1 } } });
  t.match((await as('pam').get('/v1/audit-events?action=survey')).json.items, [
    { actor: { subject: 'ann' }, outcome: 'applied', request: { items: 1 } },
  ]);
});

t.test(
  'the organization says whose secrets are surveyed, and what it said last stays while it says nothing',
  async (t) => {
    let ahead = 0;
    const built = await build(t, {
      env: {
        ...{ ESTATE_ACCOUNTS: 'organization', ESTATE_REGIONS: 'us-east-1' },
        ...{ ORGANIZATION_ROLE_NAME: 'secret-access-target', ORGANIZATION_ROLE_EXTERNAL_ID: 'local' },
      },
      overrides: { clock: () => new Date(Date.now() + ahead) },
    });
    const told = async () => (await built.call('GET', '/v1/estate')).json;
    t.match((await told()).organization, { asOf: null, problem: null });
    await survey(built, { account: '333333333333' });
    const before = await told();
    t.match(before, { organization: { asOf: /^20/, problem: null } });
    for (const account of ['111111111111', '333333333333', '888888888888'])
      t.ok(before.accounts.includes(account), account);
    t.notOk(before.accounts.includes('222222222222'), 'which is of no organization');

    built.aws.directory.deletePrincipal('arn:aws:iam::888888888888:role/secret-access-target');
    ahead = 2 * 3_600_000;
    await survey(built, { account: '333333333333' });
    const after = await eventually(async () => {
      const answer = await told();
      if (answer.organization.problem === null) throw new Error('not asked yet');
      return answer;
    });
    t.match(after.organization, { asOf: before.organization.asOf, problem: { code: 'aws-access-denied' } });
    t.same(after.accounts, before.accounts);
  },
);

t.test('who is of the organization is inside, where AWS says which that is', async (t) => {
  const accounts = {
    '111111111111,333333333333,444444444444': 'outside',
    organization: 'inside',
  };
  const aws = await startLocalAws({ port: 0, file: ':memory:' });
  t.teardown(() => aws.close());
  for (const make of [seed, seedEstate]) make(aws);
  for (const [ESTATE_ACCOUNTS, exposure] of Object.entries(accounts)) {
    const built = await build(t, {
      aws,
      env: {
        ...{ ESTATE_ACCOUNTS, ESTATE_REGIONS: 'eu-west-1', ORGANIZATION_ROLE_NAME: 'secret-access-target' },
        ORGANIZATION_ROLE_EXTERNAL_ID: 'local',
      },
    });
    await survey(built);
    const { items } = (await built.call('GET', '/v1/estate/secrets?text=billing/exports')).json;
    t.match(items, [{ exposure }], ESTATE_ACCOUNTS);
  }
});

t.test('each account is surveyed in the Regions that it has enabled, or had while AWS says nothing', async (t) => {
  let ahead = 0;
  const aws = await startLocalAws({ port: 0, file: ':memory:' });
  t.teardown(() => aws.close());
  seed(aws);
  const [OWN, OTHER, UNKNOWN] = ['111111111111', '333333333333', '999999999999'];
  aws.accounts.setRegions(OWN, ['us-east-1', 'eu-west-1']);
  aws.accounts.setRegions(OTHER, ['us-east-1', 'il-central-1']);
  const DATABASE_URL = `sqlite:${join(t.testdir({}), 'audit.db')}`;
  const start = () =>
    build(t, {
      aws,
      env: { DATABASE_URL, ESTATE_ACCOUNTS: `${OWN},${OTHER},${UNKNOWN}`, ESTATE_REGIONS: 'enabled' },
      overrides: { clock: () => new Date(Date.now() + ahead) },
    });
  const built = await start();
  const told = async ({ call }: typeof built) => (await call('GET', '/v1/estate')).json;
  t.match((await told(built)).enabledRegions, { asOf: null, failures: [] });
  t.match(await survey(built), { counts: { total: 5, applied: 4, failed: 1 } });
  const before = await told(built);
  t.match(before, {
    regions: ['eu-west-1', 'il-central-1', 'us-east-1'],
    places: { total: 5, surveyed: 4, failed: 1 },
  });
  t.match(before.enabledRegions, { asOf: null, failures: [{ account: UNKNOWN, code: 'aws-access-denied' }] });
  t.match(before.failures, [{ account: UNKNOWN, region: 'us-east-1' }], 'it is looked for where the service is');

  const role = `arn:aws:iam::${OTHER}:role/secret-access-target`;
  const may = aws.directory.find(role)?.policies ?? [];
  const denied = { Effect: 'Deny' as const, Action: 'ec2:DescribeRegions', Resource: '*' };
  aws.directory.setIdentityPolicies(role, [...may, { Version: '2012-10-17', Statement: denied }]);
  aws.accounts.setRegions(OWN, ['us-east-1', 'us-west-2']);
  for (const next of [() => built, () => built.app.close().then(start)]) {
    const service = await next();
    ahead += 3_600_000;
    await survey(service, { account: OTHER });
    const after = await eventually(async () => {
      const answer = await told(service);
      if (!answer.enabledRegions.failures.some(({ account }: { account: string }) => account === OTHER))
        throw new Error('not asked yet');
      return answer;
    });
    t.match(after.enabledRegions.failures, [
      { account: OTHER, code: 'aws-access-denied', detail: /ec2:DescribeRegions/ },
      {},
    ]);
    const { json: plan } = await service.call('POST', '/v1/incidents?dryRun=true', { freeze: { account: OWN } });
    t.ok(plan.gaps.some((gap: string) => gap.startsWith(`Which Regions ${OTHER} has enabled by now: `)));
    ahead += 16 * 60_000;
    await survey(service, { account: OTHER });
    t.match(await told(service), { regions: ['il-central-1', 'us-east-1', 'us-west-2'], places: { total: 5 } });
  }
});

import t from 'tap';
import { seed, seedEstate, startLocalAws } from '../../src/local-aws/index.ts';
import { policyHash } from '../../src/policy/canonical.ts';
import { draft } from '../audit/draft.ts';
import { buildWithCallers } from '../callers.ts';
import { APP_ROLE, build, MARY } from '../helper.ts';
import { ESTATE, survey } from './survey.ts';

const aws = await startLocalAws({ port: 0, file: ':memory:' });
seed(aws);
seedEstate(aws);
t.teardown(() => aws.close());
const built = await build(t, { aws, env: ESTATE });
const { call } = built;
await survey(built);

type Item = Record<string, unknown> & {
  secret: { name: string };
  region: string;
  legs: { leg: string; status: string }[];
};
const readableBy = async (principal: string, query = ''): Promise<Item[]> =>
  (await call('GET', `/v1/principals/${encodeURIComponent(principal)}/secrets${query}`)).json.items;
const named = async (query: string) =>
  (await call('GET', `/v1/estate/secrets?${query}`)).json.items.map(({ name }: { name: string }) => name);

t.test('what an account can read: through what, what is missing, and what denies it', async (t) => {
  const items = await readableBy('222222222222');
  const shown = items.map(({ secret, region, decision, via }) => [secret.name, region, decision, via]);
  t.strictSame(shown, [
    ['billing/exports', 'eu-west-1', 'unknown', ['organization']],
    ['shop/mail', 'eu-west-1', 'unknown', ['itself']],
    ['shop/orders', 'eu-west-1', 'allowed', ['itself']],
    ['shop/ledger', 'us-east-1', 'allowed', ['itself']],
    ['shop/orders', 'us-east-1', 'allowed', ['itself']],
  ]);
  t.match(items.at(-2)?.['exceptions'], [{ principal: APP_ROLE, decision: 'explicitlyDenied' }]);
  t.match(items.at(-1)?.legs, [
    { leg: 'secretPolicy', status: 'done' },
    { leg: 'keyPolicy', status: 'done', region: 'us-east-1' },
    { leg: 'keyPolicy', status: 'done', region: 'eu-west-1' },
    { leg: 'identityPolicy', status: 'unknown' },
  ]);
  t.match(items[0]?.legs[1], { leg: 'keyPolicy', status: 'missing' }, 'the AWS managed key opens for no other account');
});

t.test('a role is found by what names it, its account and its organization; sessions are of their role', async (t) => {
  for (const name of [APP_ROLE, 'arn:aws:sts::222222222222:assumed-role/app/session']) {
    const items = await readableBy(name);
    t.strictSame(
      items.map(({ secret, decision, via }) => [secret.name, decision, via]),
      [
        ['billing/exports', 'unknown', ['organization']],
        ['shop/mail', 'allowed', ['itself']],
        ['shop/orders', 'allowed', ['account']],
        ['shop/ledger', 'explicitlyDenied', []],
        ['shop/orders', 'allowed', ['account']],
      ],
    );
    t.match(items[3]?.['deniedBy'], [{ index: 1 }]);
  }
  t.strictSame(await readableBy('555555555555', '?action=secretsmanager:PutSecretValue'), []);
});

t.test('of its own account everything that an identity policy may open is unknown', async (t) => {
  const items = await readableBy('arn:aws:iam::333333333333:user/somebody');
  const own = items.filter(({ account }) => account === '333333333333');
  t.ok(own.length >= 2);
  for (const { decision, dependsOn } of own) t.match({ decision, dependsOn }, { decision: 'unknown' });
});

t.test('pages go on where they ended', async (t) => {
  const path = '/v1/principals/222222222222/secrets?limit=2';
  const names: string[] = [];
  let { json } = await call('GET', path);
  for (;;) {
    names.push(...json.items.map(({ secret }: Item) => secret.name));
    if (json.nextCursor === null) break;
    ({ json } = await call('GET', `${path}&cursor=${json.nextCursor}`));
  }
  t.same(
    names,
    (await readableBy('222222222222')).map(({ secret }) => secret.name),
  );
  t.match(await call('GET', '/v1/estate/secrets?cursor=x'), { status: 400 });
});

t.test('secrets are found by what they are', async (t) => {
  t.same(await named('text=REPORT'), ['demo/report']);
  t.same(await named('account=444444444444&region=us-east-1'), ['shop/ledger', 'shop/orders']);
  t.same(await named('tagKey=team&tagValue=reports'), ['demo/report']);
  t.same(await named('exposure=none&account=111111111111'), ['demo/api-key', 'demo/database', 'demo/default-key']);
  t.same(await named('exposure=outside&region=eu-west-1'), [
    'demo/report',
    'billing/exports',
    'shop/mail',
    'shop/orders',
  ]);
  t.same(await named(`principal=${encodeURIComponent(APP_ROLE)}`), [
    'billing/exports',
    'shop/mail',
    'shop/orders',
    'shop/orders',
  ]);
  t.match(await call('GET', '/v1/estate/secrets?text=ledger'), {
    json: { items: [{ exposure: 'outside', readers: 1, denials: 1, problem: null }], nextCursor: null },
  });
});

t.test('our own changes show at once', async (t) => {
  const before = await readableBy(MARY);
  t.notOk(before.some(({ secret }) => secret.name === 'demo/api-key'));
  const { status, json } = await call('POST', '/v1/secrets/demo%2Fapi-key/shares', { principal: MARY });
  t.equal(status, 201);
  const found = (await readableBy(MARY)).filter(({ secret }) => secret.name === 'demo/api-key');
  t.match(found, [{ decision: 'allowed', via: ['itself'] }]);
  const { expiresAt } = (
    await call('POST', '/v1/secrets/demo%2Fapi-key/shares', { principal: APP_ROLE, expiresIn: '10d' })
  ).json.share;
  t.same(await named('endsWithin=9d'), []);
  t.same(await named('endsWithin=11d'), ['demo/api-key'], 'a share of it ends');
  t.match((await call('GET', '/v1/estate/secrets?text=api-key')).json.items, [{ nextEnd: expiresAt }]);
  const shares = (await call('GET', '/v1/secrets/demo%2Fapi-key/shares')).json.items;
  for (const { id } of shares.filter(({ id }: { id: string }) => id !== json.share.id))
    await call('DELETE', `/v1/secrets/demo%2Fapi-key/shares/${id}`);
  await call('DELETE', `/v1/secrets/demo%2Fapi-key/shares/${json.share.id}`);
  t.same(await readableBy(MARY), before);
});

/** An account that the policies of the seeded keys do not name. */
const STRANGER = 'arn:aws:iam::333333333333:root';

t.test('a grant that we make or revoke shows at once, whatever was seen of the key before', async (t) => {
  const keyLegOf = async () => {
    const found = (await readableBy(STRANGER)).find(({ secret }) => secret.name === 'demo/api-key');
    return found?.legs.find(({ leg }) => leg === 'keyPolicy')?.status;
  };
  const url = '/v1/secrets/demo%2Fapi-key/shares';
  const { share } = (await call('POST', url, { principal: STRANGER })).json;
  t.equal(await keyLegOf(), 'missing');
  await call('POST', url, { principal: STRANGER, grantKey: true });
  t.equal(await keyLegOf(), 'done');
  await call('DELETE', `${url}/${share.id}`);
  await call('POST', url, { principal: STRANGER });
  t.equal(await keyLegOf(), 'missing');
  await call('DELETE', `${url}/${share.id}`);
});

t.test('a change whose process died shows once it is found out what became of it', async (t) => {
  const { services } = built.app;
  const SecretId = await built.arnOf('demo/api-key');
  const after = {
    Version: '2012-10-17' as const,
    Statement: [
      {
        ...{ Effect: 'Allow' as const, Principal: { AWS: STRANGER }, Resource: '*' },
        Action: 'secretsmanager:GetSecretValue',
      },
    ],
  };
  const policy = { before: null, after, beforeHash: policyHash(null), afterHash: policyHash(after) };
  const secret = { arn: SecretId, name: 'demo/api-key', account: '111111111111', region: 'us-east-1' };
  await services.journal.append([draft({ changeId: 'died', secret, policy })]);
  const owner = (operation: string, input: object) =>
    aws.call('LOCALOWNER', 'us-east-1', 'secretsmanager', operation, { SecretId, ...input });
  owner('PutResourcePolicy', { ResourcePolicy: JSON.stringify(after) });
  const shows = async () => (await readableBy(STRANGER)).some(({ secret: { name } }) => name === 'demo/api-key');
  t.equal(await shows(), false);
  t.match(await services.resume('died'), { changeId: 'died', changed: true });
  t.equal(await shows(), true);
  owner('DeleteResourcePolicy', {});
  await survey(built, { secretId: SecretId });
});

t.test('a survey of one secret looks at its key anew', async (t) => {
  const { json } = await call('POST', '/v1/secrets/demo%2Fapi-key/shares', { principal: STRANGER });
  await survey(built, { secretId: 'demo/api-key' });
  const kms = (operation: string, input: object) => aws.call('LOCALOWNER', 'us-east-1', 'kms', operation, input);
  const KeyId = 'alias/demo';
  const { GrantId } = kms('CreateGrant', { KeyId, GranteePrincipal: STRANGER, Operations: ['Decrypt'] });
  await survey(built, { secretId: 'demo/api-key' });
  const found = (await readableBy(STRANGER)).find(({ secret }) => secret.name === 'demo/api-key');
  t.match(found?.legs[1], { leg: 'keyPolicy', status: 'done' });
  kms('RevokeGrant', { KeyId, GrantId });
  await call('DELETE', `/v1/secrets/demo%2Fapi-key/shares/${json.share.id}`);
});

t.test('what others change shows with the next survey', async (t) => {
  aws.call('LOCALOWNER', 'us-east-1', 'secretsmanager', 'PutResourcePolicy', {
    SecretId: 'demo/database',
    ResourcePolicy: JSON.stringify({
      Version: '2012-10-17',
      Statement: { Effect: 'Allow', Principal: { AWS: MARY }, Action: 'secretsmanager:GetSecretValue', Resource: '*' },
    }),
  });
  const has = async () => (await readableBy(MARY)).some(({ secret }) => secret.name === 'demo/database');
  t.equal(await has(), false);
  await survey(built, { secretId: 'demo/database' });
  t.equal(await has(), true);
  aws.call('LOCALOWNER', 'us-east-1', 'secretsmanager', 'DeleteResourcePolicy', { SecretId: 'demo/database' });
  await survey(built, { account: '111111111111' });
  t.equal(await has(), false);
});

/** Nobody but Sue may look at those. */
const NOT_REPORTS = `
    @id("not-reports") forbid (principal, action in [Action::"readSecret", Action::"checkAccess"], resource)
    when { resource.hasTag("team") && resource.getTag("team") == "reports" } unless { principal == Caller::"sue" };`;

t.test('what a caller may not see is not looked at, and is as if it were not there', async (t) => {
  const policies = { 'x.cedar': NOT_REPORTS };
  const guarded = await buildWithCallers(t, { ann: {}, sue: {} }, { aws, env: ESTATE, policies });
  await survey(guarded.as('ann'), { account: '333333333333', region: 'eu-west-1' });
  const owner = (operation: string, input: object) =>
    aws.call('LOCALOWNER', 'us-east-1', 'secretsmanager', operation, input);
  const Tags = [{ Key: 'team', Value: 'reports' }];
  const ARN = String(owner('CreateSecret', { Name: 'look/hidden', SecretString: 'x', Tags })['ARN']);
  const denies = {
    ...{ Effect: 'Deny', Principal: { AWS: 'arn:aws:iam::111111111111:role/secret-access-service' } },
    ...{ Action: 'secretsmanager:GetResourcePolicy', Resource: '*' },
  };
  for (const Statement of [[], [denies]]) {
    const ResourcePolicy = JSON.stringify({ Version: '2012-10-17', Statement });
    if (Statement.length > 0) owner('PutResourcePolicy', { SecretId: ARN, ResourcePolicy });
    for (const secret of ['look/hidden', encodeURIComponent(ARN), 'look/none']) {
      for (const path of ['findings', 'estate/secrets', 'principals/222222222222/secrets']) {
        const answer = await guarded.as('ann').get(`/v1/${path}?secret=${secret}&fresh=true`);
        t.match(answer, { status: 200, json: { items: [], nextCursor: null } });
      }
    }
  }
  const seen = async (query: string) => (await guarded.as('sue').get(`/v1/estate/secrets?${query}`)).json.items;
  t.same(await seen('text=look/hidden'), [], 'it was not looked at');
  t.match(await seen('secret=look/hidden&fresh=true'), [{ arn: ARN, problem: { code: 'aws-access-denied' } }]);
  owner('DeleteSecret', { SecretId: ARN, ForceDeleteWithoutRecovery: true });
});

t.test('callers see what the guardrails let them see', async (t) => {
  const forbid = `
    @id("not-the-shop") forbid (principal, action == Action::"useAccount", resource)
    when { resource has account && resource.account == "444444444444" };
    ${NOT_REPORTS}`;
  const people = { ann: {}, eve: { scopes: ['estate:read'] } };
  const guarded = await buildWithCallers(t, people, { aws, env: ESTATE, policies: { 'x.cedar': forbid } });
  await survey(guarded.as('eve'));
  const { json } = await guarded.as('ann').get('/v1/estate/secrets');
  const names = json.items.map(({ name }: { name: string }) => name);
  t.ok(names.includes('billing/exports') && names.includes('demo/database'));
  t.notOk(names.some((name: string) => name.startsWith('shop/') || name === 'demo/report'));
  const mine = (await guarded.as('ann').get('/v1/principals/222222222222/secrets')).json.items;
  t.same(
    mine.map(({ secret }: Item) => secret.name),
    ['billing/exports'],
  );
  for (const path of ['/v1/estate/secrets', '/v1/principals/222222222222/secrets'])
    t.match(await guarded.as('eve').get(path), { status: 403, json: { code: 'forbidden' } });
});

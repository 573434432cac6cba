import t from 'tap';
import { samePolicy } from '../../src/policy/canonical.ts';
import { buildWithCallers } from '../callers.ts';
import { ESTATE, survey } from '../estate/survey.ts';
import { APP_ROLE, MARY } from '../helper.ts';
import { incidentsOf, startEstate } from '../incidents.ts';
import { until } from '../wait.ts';

const { aws, owner, policyOf } = await startEstate(t);

const ANN = { groups: ['secret-admins'] };
const people = {
  ann: ANN,
  oncall: { scopes: ['incident:write'] },
  /** Asks for what a second person must approve. */
  careful: { groups: ['careful'], scopes: ['policy:read'] },
  /** Begins incidents, and lifts none. */
  starter: { groups: ['starter'], scopes: ['incident:write'] },
  /** On call, but for one account. */
  narrow: { groups: ['narrow'], scopes: ['incident:write'] },
};
const RULES = `
@id("hidden") forbid (principal, action, resource) when { resource.hasTag("team") && resource.getTag("team") == "hidden" };
@id("kept") forbid (principal, action == Action::"freeze", resource)
  when { resource.hasTag("team") && resource.getTag("team") == "kept" };
@id("narrowly") forbid (principal, action == Action::"useAccount", resource)
  when { resource has account && resource.account == "444444444444" && principal.groups.contains("narrow") };
@id("starts") forbid (principal, action == Action::"lift", resource) when { principal.groups.contains("starter") };
@id("carefully") @approval("secret-admins") permit (principal, action in Action::"incident", resource)
  when { principal.groups.contains("careful") };`;
const { as, readAs } = await buildWithCallers(t, people, { aws, env: ESTATE, policies: { 'rules.cedar': RULES } });
const { begin, lift, find } = incidentsOf(as('oncall'));
await survey({ call: as('ann').call });

const create = (Name: string, tags: Record<string, string> = {}): string => {
  const Tags = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
  return String(owner('CreateSecret', { Name, SecretString: 'x', KmsKeyId: 'alias/demo', Tags })['ARN']);
};
const at = (name: string, rest: string) => `/v1/secrets/${encodeURIComponent(name)}/${rest}`;
const share = (name: string, body: object) => as('ann').post(at(name, 'shares'), body);
const sharesOf = async (name: string): Promise<{ id: string; principal: string }[]> =>
  (await as('ann').get(at(name, 'shares'))).json.items;
const itemsOf = async (location: unknown) => {
  await until(async () => (await as('ann').get(String(location))).json.finishedAt !== null);
  return (await as('ann').get(`${location}/items`)).json.items;
};
const ACCOUNT = '222222222222';
const HELD = { status: 409, json: { code: 'held-by-incident' } };

t.test('an eviction is also of what an earlier one took: lifted in any order, nobody gets in meanwhile', async (t) => {
  const arn = create('evict/both');
  await share('evict/both', { principal: APP_ROLE });
  await share('evict/both', { principal: ACCOUNT });
  const before = policyOf('evict/both');
  const first = await begin({ evict: { account: ACCOUNT } });
  const second = await begin({ evict: { principal: APP_ROLE } });
  await lift(first.id);
  t.equal(await readAs('LOCALAPP', arn), 'AccessDeniedException');
  t.match(await lift(second.id), { status: 'lifted' });
  t.ok(samePolicy(policyOf('evict/both'), before));
});

t.test('a name that no policy has is told to be compared with IAM: AWS checks none of it', async (t) => {
  const arn = create('evict/misspelt');
  const told = ({ warnings }: Awaited<ReturnType<typeof begin>>) =>
    warnings.filter(({ secretId }: { secretId: string }) => secretId === arn);
  await share('evict/misspelt', { principal: ACCOUNT });
  const nobody = await begin({ evict: { principal: `arn:aws:iam::${ACCOUNT}:role/ap` } });
  t.match(told(nobody), [{ code: 'principal-not-checked', message: /role\/ap,/ }]);
  await lift(nobody.id);
  await share('evict/misspelt', { principal: APP_ROLE });
  const app = await begin({ evict: { principal: APP_ROLE } });
  t.strictSame(told(app), []);
  await lift(app.id);
});

t.test('by no way to write does who is evicted get in while it stands', async (t) => {
  create('evict/earlier');
  await share('evict/earlier', { principal: APP_ROLE });
  create('evict/drifted');
  await share('evict/drifted', { principal: APP_ROLE });
  const [{ id = '' } = {}] = await sharesOf('evict/earlier');
  const revoked = await as('ann').delete(at('evict/earlier', `shares/${id}`));
  const incident = await begin({ evict: { account: ACCOUNT } });
  create('evict/frozen');
  const frozen = await begin({ freeze: { secretIds: ['evict/frozen'] } });
  create('evict/later');
  create('evict/outside');
  const { etag } = (await as('ann').get(at('evict/earlier', 'policy'))).json;

  t.match(await share('evict/later', { principal: APP_ROLE }), {
    ...HELD,
    json: { ...HELD.json, detail: new RegExp(`${APP_ROLE}.*${incident.id}`) },
  });
  const dryRun = await as('ann').post(at('evict/later', 'shares?dryRun=true'), { principal: APP_ROLE });
  t.match(dryRun, HELD, 'nor as a dry run');
  const asked = { service: { name: 'appflow.amazonaws.com', sourceAccount: ACCOUNT } };
  t.match(await share('evict/later', asked), { json: { ...HELD.json, detail: /a service that acts for the account/ } });
  const back = { changeId: revoked.json.changeId };
  t.match(await as('ann').post(at('evict/earlier', 'policy/rollback'), back, { 'if-match': etag }), HELD);
  const Allow = { Effect: 'Allow', Principal: { AWS: APP_ROLE }, Action: 'secretsmanager:*', Resource: '*' };
  const document = { Version: '2012-10-17', Statement: [Allow] };
  t.match(await as('ann').put(at('evict/later', 'policy'), document, { 'if-none-match': '*' }), HELD);
  const bulk = await as('ann').post('/v1/bulk/shares', { secretIds: ['evict/later'], principals: [APP_ROLE] });
  t.match(await itemsOf(bulk.headers['location']), [{ status: 'failed', result: { problem: HELD.json } }]);
  const manifest = { secrets: { 'evict/later': { shares: [{ principal: APP_ROLE }], denials: [], restrictions: [] } } };
  t.match(await as('ann').post('/v1/manifests/apply', manifest), HELD);

  const organization = 'o-abcdefghij';
  t.match(await share('evict/later', { organization }), HELD, 'it may be of it');
  t.equal((await share('evict/later', { principal: MARY })).status, 201, 'all else goes on');
  const denial = { account: ACCOUNT, match: 'arn', actions: ['secretsmanager:*'] };
  await as('ann').post(at('evict/later', 'denials'), denial);
  t.equal((await share('evict/later', { organization })).status, 201, 'all but those');

  owner('PutResourcePolicy', { SecretId: 'evict/outside', ResourcePolicy: JSON.stringify(document) });
  owner('PutResourcePolicy', { SecretId: 'evict/drifted', ResourcePolicy: JSON.stringify(document) });
  owner('DeleteResourcePolicy', { SecretId: 'evict/frozen' });
  await survey({ call: as('ann').call }, { account: '111111111111', region: 'us-east-1' });
  const { json } = await as('oncall').get(`/v1/incidents/${incident.id}`);
  const open = [/evict\/drifted/, /evict\/outside/].map((secretId) => ({ reason: 'open', secretId }));
  t.match(json, { notDone: open, notDoneTotal: 2 });
  const { json: drifted } = await as('oncall').get(`/v1/incidents/${frozen.id}`);
  t.match(drifted, { notDone: [{ reason: 'open', secretId: /evict\/frozen/ }], notDoneTotal: 1 });
  const again = await begin({ evict: { account: ACCOUNT } });
  t.match(again, { notDone: [], notDoneTotal: 0 });
  t.equal((await share('evict/outside', { principal: MARY })).status, 201);
  await lift(incident.id);
  await lift(again.id);
  t.equal((await share('evict/earlier', { principal: APP_ROLE })).status, 201);
});

t.test('services that act for an account go with it, and a role by its name, whatever its path', async (t) => {
  const arn = create('evict/served');
  await share('evict/served', { service: { name: 'appflow.amazonaws.com', sourceAccount: ACCOUNT } });
  await share('evict/served', { principal: MARY });
  const before = policyOf('evict/served');
  const check = async () =>
    (await as('ann').post(at('evict/served', 'access-checks'), { principal: MARY })).json.decision;
  t.equal(await check(), 'allowed');
  const incident = await begin({ evict: { account: ACCOUNT } });
  t.match(JSON.stringify(policyOf('evict/served')), /"Deny".*"aws:SourceAccount":"222222222222"/);
  t.strictSame(
    (await sharesOf('evict/served')).map(({ principal }) => principal),
    [MARY],
  );
  t.equal(await check(), 'allowed', 'of others nothing hangs on it');
  await lift(incident.id);
  t.ok(samePolicy(policyOf('evict/served'), before));

  const Allow = { Effect: 'Allow', Principal: { AWS: ACCOUNT }, Action: 'secretsmanager:*', Resource: '*' };
  const document = { Version: '2012-10-17', Statement: [Allow] };
  owner('PutResourcePolicy', { SecretId: arn, ResourcePolicy: JSON.stringify(document) });
  await survey({ call: as('ann').call }, { account: '111111111111', region: 'us-east-1' });
  t.equal(await readAs('LOCALAPP', arn), 'read');
  const other = await begin({ evict: { principal: `arn:aws:iam::${ACCOUNT}:role/some/path/app` } });
  t.equal(await readAs('LOCALAPP', arn), 'AccessDeniedException');
  await lift(other.id);
  t.equal(await readAs('LOCALAPP', arn), 'read');
});

t.test('a lift gives back what nobody has taken since, and that once', async (t) => {
  create('lift/once');
  await share('lift/once', { principal: APP_ROLE });
  await share('lift/once', { principal: ACCOUNT });
  const incident = await begin({ evict: { principal: APP_ROLE } });
  const other = await begin({ evict: { account: ACCOUNT } });
  const again = await share('lift/once', { principal: APP_ROLE });
  t.equal(again.status, 201, 'the Deny stands there');
  await as('ann').delete(at('lift/once', `shares/${again.json.share.id}`));
  const evicting = JSON.stringify(policyOf('lift/once'));
  const attach = (ResourcePolicy: string) => owner('PutResourcePolicy', { SecretId: 'lift/once', ResourcePolicy });
  await lift(incident.id);
  t.strictSame(await sharesOf('lift/once'), [], 'it was revoked meanwhile');

  attach(evicting.replace(/"Action":"secretsmanager:\*"/g, '"Action":"secretsmanager:Get*"'));
  t.match(await lift(other.id), { status: 'partlyLifted' });
  attach(JSON.stringify(policyOf('lift/once')).replaceAll('secretsmanager:Get*', 'secretsmanager:*'));
  await lift(other.id);
  const [{ id = '' } = {}, ...more] = await sharesOf('lift/once');
  t.same(more, []);
  await as('ann').delete(at('lift/once', `shares/${id}`));
  await lift(other.id);
  t.strictSame(await sharesOf('lift/once'), [], 'the third lift gives nothing a second time');
});

t.test('what waits for a second person is told as not done, and comes too late once it is lifted', async (t) => {
  create('careful/one');
  const incident = await begin({ freeze: { secretIds: ['careful/one'] } }, as('careful'));
  t.match(incident.notDone, [{ reason: 'awaitingApproval', problem: { detail: /\/v1\/approvals\// } }]);
  const [, approvalId] = /approvals\/(\S+)\./.exec(incident.notDone[0].problem.detail) ?? [];
  t.match(await lift(incident.id), { status: 'lifted' });
  const { etag } = (await as('ann').get(at('careful/one', 'policy'))).json;
  const late = await as('ann').post(`/v1/approvals/${approvalId}/approve`, { etag });
  t.match(late.json, { code: 'stored-command-refused', detail: /The incident is lifted/ });
  t.equal(policyOf('careful/one'), null);
});

t.test('a lift that a second person approves is done then', async (t) => {
  create('careful/two');
  const { id } = await begin({ freeze: { secretIds: ['careful/two'] } });
  t.match(await lift(id, as('careful')), { status: 'lifting', lift: { counts: { awaitingApproval: 1 } } });
  const [{ approvalId }] = (await as('ann').get('/v1/approvals?status=pending')).json.items;
  const { etag } = (await as('ann').get(at('careful/two', 'policy'))).json;
  t.equal((await as('ann').post(`/v1/approvals/${approvalId}/approve`, { etag })).status, 200);
  t.match(await find(id), { status: 'lifted', lift: { counts: { applied: 1, awaitingApproval: 0 } } });
  t.equal(policyOf('careful/two'), null);
});

t.test('what guardrails refuse is told as not done: to who may know of it by name, else by number', async (t) => {
  const [hidden, kept] = [
    create('tags/hidden', { tier: 'x', team: 'hidden' }),
    create('tags/kept', { tier: 'x', team: 'kept' }),
  ];
  create('tags/free', { tier: 'x', ManagedBy: 'Terraform' });
  await survey({ call: as('ann').call }, { account: '111111111111', region: 'us-east-1' });
  const body = { freeze: { tag: { key: 'tier' } } };
  const plan = await as('oncall').post('/v1/incidents?dryRun=true', body);
  t.match(plan.json, { secrets: 1, refused: [{ secretId: kept, detail: /kept/ }], refusedTotal: 2 });
  t.notOk(plan.body.includes(hidden));
  const incident = await begin(body);
  t.match(incident, { notDone: [{ secretId: kept, reason: 'refused' }], notDoneTotal: 2 });
  t.match(incident.warnings, [{ secretId: /tags\/free/, code: 'managed-elsewhere' }], 'warnings are told');
  t.match(await lift(incident.id), { status: 'lifted', lift: { counts: { total: 1 } } });
});

t.test(
  'an eviction ends although secrets of it are gone since, or an account of it is out of reach for who lifts',
  async (t) => {
    const [deleted, leaving] = [create('gone/deleted'), create('gone/leaving')];
    create('gone/not');
    for (const name of ['gone/deleted', 'gone/leaving', 'gone/not']) await share(name, { principal: APP_ROLE });
    const { id, operation } = await begin({ evict: { account: ACCOUNT } });
    owner('DeleteSecret', { SecretId: deleted, ForceDeleteWithoutRecovery: true });
    owner('DeleteSecret', { SecretId: leaving });
    const partly = await lift(id, as('narrow'));
    t.match(partly, { status: 'partlyLifted', lift: { counts: { total: operation.counts.total } } });
    t.equal((await sharesOf('gone/not')).length, 1, 'what can be lifted is');
    create('gone/other');
    t.match(await share('gone/other', { principal: APP_ROLE }), HELD);
    t.match(await lift(id), { status: 'lifted' });
    t.equal((await share('gone/other', { principal: APP_ROLE })).status, 201);

    owner('RestoreSecret', { SecretId: leaving });
    t.match(await find(id), { lift: { counts: { failed: 2 } } }, 'the Deny came back with it');
    t.match(await lift(id), { status: 'lifted' });
    t.equal((await sharesOf('gone/leaving')).length, 1);
  },
);

t.test('an incident of nothing that there was ends by its lift', async (t) => {
  const { id } = await begin({ freeze: { secretIds: ['never/was'] } });
  t.match(await lift(id), { status: 'lifted', lift: { counts: { total: 0 } } });
});

t.test('who was deleted since is given nothing back, and keeps nobody else from it', async (t) => {
  const gone = `arn:aws:iam::${ACCOUNT}:role/gone`;
  aws.directory.createRole({ arn: gone, policies: [] });
  create('gone/role');
  create('gone/alone');
  await share('gone/role', { principal: gone });
  await share('gone/role', { principal: APP_ROLE });
  await share('gone/alone', { principal: gone });
  const { id } = await begin({ evict: { account: ACCOUNT } });
  aws.directory.deletePrincipal(gone);
  const { status, warnings } = await lift(id);
  t.equal(status, 'lifted');
  t.match(warnings, [{ code: 'share-not-given-back' }, { code: 'share-not-given-back' }]);
  t.match(await sharesOf('gone/role'), [{ principal: APP_ROLE }]);
  t.equal(policyOf('gone/alone'), null);
});

t.test('what bears the name of an incident and lets in may go; a Deny that comes back is lifted again', async (t) => {
  const arn = create('named/planted');
  const statements = async () => (await as('ann').get(at('named/planted', 'policy'))).json;
  const remove = async () => {
    const { etag, foreignStatements } = await statements();
    return as('ann').delete(at('named/planted', `policy/statements/${foreignStatements[0].hash}`), {
      'if-match': etag,
    });
  };
  const Sid = `Incident${'0'.repeat(32)}`;
  const Allow = { Sid, Effect: 'Allow', Principal: { AWS: MARY }, Action: 'secretsmanager:*', Resource: '*' };
  const attach = (document: object) =>
    owner('PutResourcePolicy', { SecretId: arn, ResourcePolicy: JSON.stringify(document) });
  attach({ Version: '2012-10-17', Statement: [Allow] });
  t.equal((await remove()).status, 200);

  const { id } = await begin({ freeze: { secretIds: [arn] } });
  const frozen = policyOf(arn);
  t.match(await lift(id), { status: 'lifted' });
  attach(frozen ?? {});
  t.match(await remove(), HELD);
  t.match(await lift(id), { status: 'lifted', lift: { counts: { applied: 1 } } });
  t.equal(policyOf(arn), null);
});

t.test('who may begin an incident and lift none sees what it began', async (t) => {
  create('begun/one');
  const json = await begin({ freeze: { secretIds: ['begun/one'] } }, as('starter'));
  t.equal((await as('starter').get(`/v1/incidents/${json.id}`)).status, 200);
  t.match(await as('starter').post(`/v1/incidents/${json.id}/lift`, {}), { status: 403 });
  const { id } = await begin({ freeze: { secretIds: ['begun/one'] } });
  t.match(await as('starter').get(`/v1/incidents/${id}`), { status: 403 });
  await lift(id);
  await lift(json.id);
});

t.test('a secret that guardrails hide by now is named to who began the incident, and counted for others', async (t) => {
  const arn = create('later/hidden');
  const { id } = await begin({ freeze: { secretIds: [arn] } });
  owner('TagResource', { SecretId: arn, Tags: [{ Key: 'team', Value: 'hidden' }] });
  await survey({ call: as('ann').call }, { secretId: arn });
  t.match(await find(id), { rotate: [arn], rotateTotal: 1 });
  t.strictSame((await as('oncall').get(`/v1/incidents/${id}/secrets`)).json.items.length, 1);
  const told = await as('narrow').get(`/v1/incidents/${id}`);
  t.match(told.json, { asked: { freeze: {} }, rotate: [], rotateTotal: 1 });
  for (const { body } of [told, await as('narrow').get('/v1/incidents')]) {
    t.match(body, id);
    t.notOk(body.includes(arn));
  }
  t.match((await as('oncall').get('/v1/incidents')).body, arn);
  for (const path of [`/v1/incidents/${id}/secrets`, `/v1/operations/${id}/items`])
    t.strictSame((await as('narrow').get(path)).json, { items: [], nextCursor: null }, path);
  owner('UntagResource', { SecretId: arn, TagKeys: ['team'] });
  t.match(await lift(id), { status: 'lifted' });
});

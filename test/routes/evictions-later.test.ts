import t from 'tap';
import { buildWithCallers } from '../callers.ts';
import { ESTATE, survey } from '../estate/survey.ts';
import { APP_ROLE, MARY } from '../helper.ts';
import { incidentsOf, startEstate } from '../incidents.ts';

/** What was asked for before somebody was evicted, or comes from elsewhere, lets it in by no way, and comes back with a word. */

const { owner, policyOf, aws } = await startEstate(t);
const ACCOUNT = '222222222222';
const people = {
  ann: { groups: ['secret-admins'] },
  oncall: { scopes: ['incident:write'] },
  asker: { groups: ['askers'], scopes: ['policy:read'] },
  rita: { scopes: ['access:request'] },
};
const RULES = `
@id("shares-with-approval") @approval("secret-admins") permit (principal, action == Action::"share", resource)
  when { principal.groups.contains("askers") };`;
const { as, readAs } = await buildWithCallers(t, people, { aws, env: ESTATE, policies: { 'rules.cedar': RULES } });
const { begin, lift, find } = incidentsOf(as('oncall'));
await survey({ call: as('ann').call });

const create = (Name: string): string =>
  String(owner('CreateSecret', { Name, SecretString: 'x', KmsKeyId: 'alias/demo' })['ARN']);
const attach = (SecretId: string, ...Statement: object[]) =>
  owner('PutResourcePolicy', { SecretId, ResourcePolicy: JSON.stringify({ Version: '2012-10-17', Statement }) });
const at = (name: string, rest: string) => `/v1/secrets/${encodeURIComponent(name)}/${rest}`;
const share = (name: string, principal: string, more: object = {}) =>
  as('ann').post(at(name, 'shares'), { principal, ...more });
const look = () => survey({ call: as('ann').call }, { account: '111111111111', region: 'us-east-1' });
const etagOf = async (name: string) => String((await as('ann').get(at(name, 'policy'))).json.etag);
const match = async (name: string) => ({ 'if-match': await etagOf(name) });
const ask = {
  share: (name: string) => as('asker').post(at(name, 'shares'), { principal: APP_ROLE }),
  request: (secretId: string) =>
    as('rita').post('/v1/access-requests', { secretId, principal: APP_ROLE, expiresIn: '30d', reason: 'A report' }),
};
const seen = async (id: string) => (await as('ann').get(`/v1/approvals/${id}`)).json;
const approve = async (id: string, name: string) =>
  as('ann').post(`/v1/approvals/${id}/approve`, { etag: await etagOf(name) });
const HELD = { status: 409, json: { code: 'held-by-incident' } };
const lets = (AWS: string) => ({ Effect: 'Allow', Principal: { AWS }, Action: 'secretsmanager:*', Resource: '*' });

t.test('what waits for a second person lets nobody in who was evicted since, and says so to who looks', async (t) => {
  for (const way of ['share', 'request'] as const) {
    const name = `waits/${way}`;
    create(name);
    const asked = await ask[way](name);
    t.equal(asked.status, 202, way);
    const incident = await begin({ evict: { account: ACCOUNT } });
    t.match(await seen(asked.json.approvalId), { problem: { code: 'held-by-incident' } }, way);
    t.match(await approve(asked.json.approvalId, name), HELD, way);
    t.equal(policyOf(name), null, way);
    t.match(await lift(incident.id), { status: 'lifted' });
    t.equal(policyOf(name), null, `${way}: nor does the lift bring it`);
    const again = await ask[way](name);
    t.equal((await approve(again.json.approvalId, name)).status, 200, way);
  }
});

t.test('where it is denied it waits on; that it holds once that is lifted is said then, and now', async (t) => {
  for (const way of ['share', 'request'] as const) {
    const name = `denied/${way}`;
    const arn = create(name);
    await share(name, ACCOUNT, { actions: ['secretsmanager:DescribeSecret'] });
    const asked = await ask[way](name);
    const incident = await begin({ evict: { account: ACCOUNT } });
    const Incident = { code: 'denied-by', message: /Incident[0-9a-f]{32} denies .*role\/app/ };
    t.match((await seen(asked.json.approvalId)).warnings, [Incident], way);
    const approved = await approve(asked.json.approvalId, name);
    t.match(approved, { status: 200, json: { warnings: [Incident] } }, way);
    t.equal(await readAs('LOCALAPP', arn), 'AccessDeniedException', way);
    const lifted = await lift(incident.id);
    t.match(
      lifted.warnings.filter(({ secretId }: { secretId: string }) => secretId === arn),
      [{ code: 'share-came-meanwhile', message: new RegExp(`${approved.json.share.id}.*${APP_ROLE}`) }],
      way,
    );
    t.equal(await readAs('LOCALAPP', arn), 'read', way);
  }
});

t.test('what somebody dropped does not come back by restore-drift, and a Deny that holds out stays', async (t) => {
  const drifted = create('evicted/drifted');
  create('evicted/kept');
  create('evicted/foreign');
  await share('evicted/drifted', APP_ROLE);
  attach('evicted/drifted', lets(MARY));
  await look();
  const organization = { organization: 'o-abcdefghij' };
  const denial = { account: ACCOUNT, match: 'arn', actions: ['secretsmanager:*'] };
  const denied = await as('ann').post(at('evicted/kept', 'denials'), denial);
  const OUT = { StringEquals: { 'aws:PrincipalAccount': ACCOUNT } };
  const Deny = { Effect: 'Deny', Principal: '*', Action: 'secretsmanager:*', Resource: '*', Condition: OUT };
  attach('evicted/foreign', Deny);
  const incident = await begin({ evict: { account: ACCOUNT } });
  for (const name of ['evicted/kept', 'evicted/foreign'])
    t.equal((await as('ann').post(at(name, 'shares'), organization)).status, 201, name);

  const restore = as('ann').post(at('evicted/drifted', 'policy/restore-drift'), {}, await match('evicted/drifted'));
  t.match(await restore, HELD);
  t.match(await as('ann').delete(at('evicted/kept', `denials/${denied.json.denial.id}`)), HELD);
  const revoked = { secretId: 'evicted/kept', kind: 'denial', id: denied.json.denial.id };
  const bulk = await as('ann').post('/v1/bulk/revocations', { items: [revoked] });
  t.equal(bulk.status, 202, bulk.body);
  await as('ann').get(`/v1/operations/${bulk.json.id}/events`);
  const { items } = (await as('ann').get(`/v1/operations/${bulk.json.id}/items`)).json;
  t.match(items, [{ status: 'failed', result: { problem: HELD.json } }]);
  const manifest = { 'evicted/kept': { shares: [organization], denials: [], restrictions: [] } };
  t.match(await as('ann').post('/v1/manifests/apply', { secrets: manifest }), HELD);
  const { foreignStatements } = (await as('ann').get(at('evicted/foreign', 'policy'))).json;
  const statement = at('evicted/foreign', `policy/statements/${foreignStatements[0].hash}`);
  t.match(await as('ann').delete(statement, await match('evicted/foreign')), HELD);
  t.match(await as('ann').delete(at('evicted/foreign', 'policy'), await match('evicted/foreign')), { status: 200 });

  await lift(incident.id);
  t.equal((await as('ann').delete(at('evicted/kept', `denials/${denied.json.denial.id}`))).status, 200);
  const restored = as('ann').post(at('evicted/drifted', 'policy/restore-drift'), {}, await match('evicted/drifted'));
  t.equal((await restored).status, 200);
  t.equal(await readAs('LOCALAPP', drifted), 'read');
});

t.test('a statement that came from outside is adopted, lets in no more than it did, and is told as open', async (t) => {
  const arn = create('evicted/adopted');
  const incident = await begin({ evict: { account: ACCOUNT } });
  attach(arn, { ...lets(APP_ROLE), Action: 'secretsmanager:GetSecretValue' });
  await look();
  const open = { notDone: [{ secretId: arn, reason: 'open' }] };
  t.match(await find(incident.id), open);
  const { foreignStatements } = (await as('ann').get(at('evicted/adopted', 'policy'))).json;
  const hash = { hash: foreignStatements[0].hash };
  const adopted = await as('ann').post(at('evicted/adopted', 'policy/adopt'), hash, await match('evicted/adopted'));
  t.match(adopted, { status: 200, json: { effect: { gains: [], loses: [] } } });
  t.match(await find(incident.id), open);
  const next = await begin({ evict: { account: ACCOUNT } });
  t.equal(await readAs('LOCALAPP', arn), 'AccessDeniedException');
  t.match(await lift(incident.id), { status: 'lifted' });
  t.equal(await readAs('LOCALAPP', arn), 'AccessDeniedException', 'the second eviction stands');
  t.match(await lift(next.id), { status: 'lifted', warnings: [] });
  t.equal(await readAs('LOCALAPP', arn), 'read');
});

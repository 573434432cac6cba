import t from 'tap';
import { samePolicy } from '../../src/policy/canonical.ts';
import { statementsOf } from '../../src/policy/document.ts';
import { buildWithCallers } from '../callers.ts';
import { ESTATE, survey } from '../estate/survey.ts';
import { APP_ROLE, MARY } from '../helper.ts';
import { incidentsOf, startEstate } from '../incidents.ts';

const { aws, owner, policyOf } = await startEstate(t);

const people = {
  ann: { groups: ['secret-admins'] },
  /** On call, and of no team. */
  oncall: { scopes: ['incident:write'] },
  next: { scopes: ['incident:write'] },
  writer: { scopes: ['policy:read', 'policy:write'] },
};
const TEAM = `@id("reports-only") forbid (principal, action in Action::"write", resource)
  when { resource.hasTag("team") && resource.getTag("team") == "reports" } unless { principal.groups.contains("reports") };`;
const built = await buildWithCallers(t, people, { aws, env: ESTATE, policies: { 'team.cedar': TEAM } });
const { as, readAs } = built;
await survey({ call: as('ann').call });

const share = (name: string, body: object) => as('ann').post(`/v1/secrets/${encodeURIComponent(name)}/shares`, body);

const { begin, lift, find } = incidentsOf(as('oncall'));

t.test('a frozen secret is read by the exceptions alone, and by others again once it is lifted', async (t) => {
  const secret = String(owner('DescribeSecret', { SecretId: 'demo/database' })['ARN']);
  await share('demo/database', { principal: MARY });
  await share('demo/database', { principal: APP_ROLE, expiresIn: '30d' });
  const before = policyOf('demo/database');
  t.equal(await readAs('LOCALMARY', secret), 'read');
  const incident = await begin({ freeze: { secretIds: ['demo/database'] }, except: [APP_ROLE], reason: 'Leaked' });
  t.match(incident, {
    action: 'freeze',
    status: 'standing',
    lift: null,
    notDone: [],
    rotate: [secret],
    rotateTotal: 1,
  });
  t.match(incident.operation, { action: 'freeze', reason: 'Leaked', counts: { total: 1, applied: 1 } });
  t.equal(await readAs('LOCALMARY', secret), 'AccessDeniedException');
  t.equal(await readAs('LOCALOWNER', secret), 'AccessDeniedException');
  t.equal(await readAs('LOCALAPP', secret), 'read');

  const { json } = await as('ann').get(`/v1/audit-events?action=freeze&secret=demo/database`);
  t.match(json.items[0], { outcome: 'applied', actor: { subject: 'oncall' }, request: { incident: incident.id } });
  t.match(await lift(incident.id, as('next')), { status: 'lifted', lift: { counts: { total: 1, applied: 1 } } });
  t.ok(samePolicy(policyOf('demo/database'), before));
  t.equal(await readAs('LOCALMARY', secret), 'read');
  t.equal((await as('oncall').post(`/v1/incidents/${incident.id}/lift`, {})).status, 202, 'nothing is left to lift');
  t.match(await find(incident.id), { lift: { counts: { total: 1 } } });
  t.match((await as('oncall').get('/v1/incidents')).json.items, [{ id: incident.id, status: 'lifted' }]);
});

const secret = String(owner('DescribeSecret', { SecretId: 'demo/database' })['ARN']);

t.test('who is evicted reads nothing, and gets back what it had unless that has ended', async (t) => {
  const made = owner('CreateSecret', { Name: 'incident/key', SecretString: 'x', KmsKeyId: 'alias/private' });
  const keyed = String(made['ARN']);
  await share('incident/key', { principal: APP_ROLE, grantKey: true });
  t.equal(await readAs('LOCALAPP', keyed), 'read', 'by a key grant');
  const before = policyOf('demo/database');
  t.equal(await readAs('LOCALAPP', secret), 'read');
  const plan = (await as('oncall').post('/v1/incidents?dryRun=true', { evict: { account: '222222222222' } })).json;
  t.match(plan, { action: 'evict', dryRun: true, shares: 2, refused: [], gaps: [], tokenNeeded: false });
  t.ok(plan.rotate.includes(secret));
  t.equal(plan.hit[0].principal, 'arn:aws:iam::222222222222:root');
  t.ok(samePolicy(policyOf('demo/database'), before), 'a dry run changes nothing');

  const incident = await begin({ evict: { account: '222222222222' }, token: plan.token, reason: 'Lost' });
  t.equal(incident.operation.counts.total, plan.secrets);
  t.equal(incident.operation.counts.applied, plan.secrets, JSON.stringify(incident.notDone));
  t.equal(await readAs('LOCALAPP', secret), 'AccessDeniedException');
  t.equal(await readAs('LOCALMARY', secret), 'read', 'nobody else is hit');
  const { json } = await as('ann').get('/v1/audit-events?action=revokeGrant');
  t.match(json.items[0], { outcome: 'applied', request: { principal: APP_ROLE }, actor: { subject: 'oncall' } });
  const { json: shares } = await as('ann').get('/v1/secrets/demo%2Fdatabase/shares');
  t.match(shares.items, [{ principal: MARY }]);

  t.match(await lift(incident.id), { status: 'lifted', lift: { counts: { applied: plan.secrets } } });
  t.ok(samePolicy(policyOf('demo/database'), before));
  t.equal(await readAs('LOCALAPP', secret), 'read');
  t.equal(await readAs('LOCALAPP', keyed), 'read', 'the grant came back too');
});

t.test('what others change meanwhile stays, and what ended does not come back', async (t) => {
  const incident = await begin({ evict: { principal: APP_ROLE } });
  await share('demo/database', { principal: '333333333333' });
  const frozen = await begin({ freeze: { secretIds: [secret, 'demo/database'] } });
  t.equal(frozen.operation.counts.total, 1, 'a name and an ARN are one secret');
  await lift(incident.id);
  t.equal(await readAs('LOCALMARY', secret), 'AccessDeniedException', 'the other incident stands');
  await lift(frozen.id);
  const { json } = await as('ann').get('/v1/secrets/demo%2Fdatabase/shares');
  t.strictSame(
    json.items.map(({ principal }: { principal: string }) => principal).sort(),
    ['arn:aws:iam::333333333333:root', MARY, APP_ROLE].sort(),
  );
  t.equal(await readAs('LOCALAPP', secret), 'read');
});

t.test('nothing but its lift takes out what an incident denies', async (t) => {
  const incident = await begin({ freeze: { secretIds: ['demo/database'] } });
  const policy = await as('ann').get('/v1/secrets/demo%2Fdatabase/policy');
  const match = { 'if-match': policy.json.etag };
  const [{ hash, template }] = policy.json.foreignStatements;
  t.equal(template, null, 'it can’t be adopted either');
  const held = { status: 409, json: { code: 'held-by-incident' } };
  const path = '/v1/secrets/demo%2Fdatabase/policy';
  t.match(await as('ann').delete(path, match), held);
  t.match(await as('ann').delete(`${path}/statements/${hash}`, match), held);
  t.match(await as('ann').post(`${path}/adopt`, { hash }, match), { status: 422 });
  const sid = policy.json.policy.Statement.find(({ Sid }: { Sid: string }) => Sid.startsWith('Incident')).Sid;
  const theirs = { Sid: sid, Effect: 'Allow', Principal: { AWS: MARY }, Action: 'secretsmanager:*', Resource: '*' };
  t.match(await as('ann').put(path, { Version: '2012-10-17', Statement: [theirs] }, match), held);
  t.equal((await share('demo/database', { principal: '444444444444' })).status, 201, 'all else goes on');

  const document = policyOf('demo/database');
  const edited = statementsOf(document).map((one) =>
    one.Sid === sid ? { ...one, Action: 'secretsmanager:Get*' } : one,
  );
  owner('PutResourcePolicy', {
    SecretId: 'demo/database',
    ResourcePolicy: JSON.stringify({ ...document, Statement: edited }),
  });
  t.match(await lift(incident.id), { status: 'partlyLifted', lift: { counts: { failed: 1 } } });
  owner('PutResourcePolicy', { SecretId: 'demo/database', ResourcePolicy: JSON.stringify(document) });
  t.match(await lift(incident.id), { status: 'lifted' }, 'a second time, once it is as it was');
  t.equal(await readAs('LOCALMARY', secret), 'read');
});

t.test('a policy without room for the Deny is told as not frozen, with what may go first', async (t) => {
  await share('demo/api-key', { principal: MARY });
  const { Statement } = JSON.parse(JSON.stringify(policyOf('demo/api-key')));
  const documentOf = (x: string) => {
    const Condition = { StringEquals: { 'aws:PrincipalTag/x': x } };
    const wide = { Sid: 'Wide', Effect: 'Allow', Principal: { AWS: MARY }, Action: '*', Resource: '*', Condition };
    return JSON.stringify({ Version: '2012-10-17', Statement: [Statement].flat().concat(wide) });
  };
  const ResourcePolicy = documentOf('x'.repeat(20_400 - documentOf('').length));
  owner('PutResourcePolicy', { SecretId: 'demo/api-key', ResourcePolicy });
  const apiKey = await as('ann').get('/v1/secrets/demo%2Fapi-key');
  const incident = await begin({ freeze: { secretIds: ['demo/api-key', 'nothing', 'demo/database'] } });
  t.match(incident.operation.counts, { applied: 1, failed: 2 });
  t.match(incident.notDone, [
    {
      secretId: apiKey.json.arn,
      problem: { code: 'policy-too-large', detail: /nothing is denied yet.*statement Wide/ },
    },
    { secretId: 'nothing', problem: { code: 'secret-not-found' } },
  ]);
});

t.test('many secrets take the token of a dry run of just them', async (t) => {
  const tags = [{ Key: 'tier', Value: 'gold' }];
  for (let at = 0; at < 21; at += 1) owner('CreateSecret', { Name: `gold/${at}`, SecretString: 'x', Tags: tags });
  await survey({ call: as('ann').call }, { account: '111111111111', region: 'us-east-1' });
  const body = { freeze: { tag: { key: 'tier', value: 'gold' } } };
  t.match(await as('oncall').post('/v1/incidents', body), { status: 428, json: { code: 'incident-not-confirmed' } });
  const { json: plan } = await as('oncall').post('/v1/incidents?dryRun=true', body);
  t.match(plan, { secrets: 21, rotateTotal: 21, tokenNeeded: true });
  const stale = { ...body, token: plan.token.replace(/^./, 'x') };
  t.match(await as('oncall').post('/v1/incidents', stale), { status: 428, json: { detail: /another dry run/ } });
  const incident = await begin({ ...body, token: plan.token });
  t.match(incident.operation.counts, { total: 21, applied: 21 });
  t.match((await as('oncall').post(`/v1/incidents/${incident.id}/lift?dryRun=true`, {})).json, { secrets: 21 });
  t.equal(policyOf('gold/7') === null, false);
});

t.test('a team’s rules keep nobody from it who is on call; who may not, may not', async (t) => {
  const body = { freeze: { account: '111111111111' }, except: [MARY] };
  const { json: plan } = await as('oncall').post('/v1/incidents?dryRun=true', body);
  t.strictSame(plan.refused, []);
  const reports = plan.rotate.filter((arn: string) => arn.includes('demo/report'));
  const incident = await begin({ freeze: { secretIds: reports } });
  t.match(incident.operation.counts, { total: 1, applied: 1 });
  for (const [method, url] of [
    ['POST', '/v1/incidents'],
    ['GET', '/v1/incidents'],
    ['GET', `/v1/incidents/${incident.id}`],
    ['POST', `/v1/incidents/${incident.id}/lift`],
  ] as const) {
    const answer = await as('writer').call(
      method,
      url,
      method === 'POST' && !url.endsWith('lift') ? body : method === 'POST' ? {} : undefined,
    );
    t.match(answer, { status: 403, json: { code: 'forbidden' } }, `${method} ${url}`);
  }
  t.match(await as('oncall').get('/v1/incidents/01890a5d-ac96-774b-bcce-b302099a8057'), {
    status: 404,
    json: { code: 'incident-not-found' },
  });
  t.equal((await as('oncall').get(`/v1/operations/${incident.id}/items`)).status, 200);
  t.match((await as('oncall').get('/v1/me')).json.capabilities, { incident: true, share: false });
});

t.test('an incident says one thing', async (t) => {
  for (const body of [
    {},
    { freeze: { account: '111111111111' }, evict: { account: '222222222222' } },
    { freeze: {} },
    { freeze: { account: '111111111111', tag: { key: 'team' } } },
    { evict: { account: '222222222222', principal: MARY } },
    { evict: { account: '222222222222' }, except: [MARY] },
    { freeze: { tag: { key: 'nobody-has-this' } } },
    { freeze: { secretIds: ['demo/database'] }, except: ['arn:aws:sts::222222222222:assumed-role/app/session'] },
  ]) {
    t.match(
      await as('oncall').post('/v1/incidents', body),
      { status: 400, json: { code: 'validation-failed' } },
      JSON.stringify(body),
    );
  }
});

import t, { type Test } from 'tap';
import { type FaultProxy, startFaultProxy } from '../aws/fault-proxy.ts';
import { buildWithCallers, type People } from '../callers.ts';
import { type ApiOperation, deref, documentOf, operationsOf } from '../document.ts';
import { type BuildOptions, MARY } from '../helper.ts';
import { eventually } from '../wait.ts';

/** What callers get who lack the right: nothing of AWS, nothing of the journal, and no word of what they may not know. */

const HIDDEN = 'demo/database';
const ELSEWHERE = 'arn:aws:secretsmanager:us-east-1:333333333333:secret:demo/other-account-AbCdEf';
const MINE = { groups: ['platform'] };
/** Secrets with a team are for their team only, looks at them too. */
const TEAMS_ONLY = `
@id("teams-only")
forbid (principal, action in [Action::"readSecret", Action::"readPolicy", Action::"checkAccess", Action::"write"], resource)
when { resource.hasTag("team") && !principal.groups.contains(resource.getTag("team")) };
`;

async function serve<const P extends People>(
  t: Test,
  people: P,
  options: BuildOptions & { policies?: Record<string, string> } = {},
) {
  let proxy: FaultProxy | undefined;
  const service = await buildWithCallers(t, people, {
    ...options,
    async endpoint({ url }) {
      proxy = await startFaultProxy({ target: url });
      return proxy.url;
    },
  });
  t.teardown(() => proxy?.close());
  return { ...service, calls: (operation?: string) => proxy?.calls(operation) };
}

const namesSecret = ({ path }: ApiOperation) => path.includes('{secretId}');

function requestOf(operation: ApiOperation, secretId: string, document: Parameters<typeof deref>[1]) {
  const { path, method, requestBody } = operation;
  const url = path
    .replace('{secretId}', encodeURIComponent(secretId))
    .replace(/\{(share|denial|restriction)Id\}/, 'f'.repeat(24))
    .replace(/\{\w+\}/, '01890a5d-ac96-774b-bcce-b302099a8057');
  const schema = requestBody?.content['application/json']?.schema;
  return { method: method as 'GET', url, body: schema && deref(schema, document).examples?.[0] };
}

t.test('without any scope nothing is asked of AWS, and nothing is written', async (t) => {
  const { as, app, calls } = await serve(t, { nobody: { scopes: ['openid'] }, auditor: {} });
  const document = documentOf(app);
  for (const operation of operationsOf(app)) {
    const { method, url, body } = requestOf(operation, HIDDEN, document);
    const { status, json } = await as('nobody').call(method, url, body, { 'if-match': '*' });
    if (namesSecret(operation)) t.match({ status, json }, { status: 403, json: { code: 'forbidden' } }, url);
    else if (/bulk|cancel/.test(url)) t.equal(status, 403, url);
  }
  t.equal(calls(), 0);
  t.same((await as('auditor').get('/v1/audit-events')).json.items, []);
  t.same((await as('auditor').get('/v1/operations')).json.items, []);
  const check = await as('nobody').post('/v1/authorization-checks', { secretId: HIDDEN });
  t.equal(check.status, 403, 'tags are not learnt by asking what one may do');
});

t.test('of who has no scope no body is read, of a change of one secret or of many', async (t) => {
  const { app, keys } = await buildWithCallers(t, { nobody: { scopes: ['openid'] }, ann: {} });
  const send = async (who: 'nobody' | 'ann', method: 'POST' | 'PUT', url: string) => {
    const headers = { 'x-api-key': keys[who], 'content-type': 'application/json', 'if-match': '*' };
    return (await app.inject({ method, url, headers, payload: `{"${'x'.repeat(100_000)}` })).json().code;
  };
  const document = documentOf(app);
  let tried = 0;
  for (const operation of operationsOf(app)) {
    const { method, url, body } = requestOf(operation, HIDDEN, document);
    if (body === undefined || !(namesSecret(operation) || /bulk|manifests\/apply/.test(url))) continue;
    tried += 1;
    t.equal(await send('nobody', method as 'POST', url), 'forbidden', url);
    t.equal(await send('ann', method as 'POST', url), 'malformed-json', url);
  }
  t.ok(tried >= 8, `${tried} operations`);
});

t.test('the account whose role is assumed is one of those that the service works for', async (t) => {
  const people = { ann: {} };
  const own = await serve(t, people, { env: { ALLOWED_ACCOUNTS: '' } });
  const url = `/v1/secrets/${encodeURIComponent(ELSEWHERE)}`;
  t.match(await own.as('ann').get(url), { status: 403, json: { detail: /333333333333/ } });
  const items = [
    { secretId: HIDDEN, principal: MARY },
    { secretId: ELSEWHERE, principal: MARY },
  ];
  t.equal((await own.as('ann').post('/v1/bulk/shares', { items })).status, 403);
  t.equal(own.calls('AssumeRole'), 0);
  const arn = (await own.as('ann').get('/v1/secrets/demo%2Fdatabase')).json.arn;
  t.equal((await own.as('ann').get(`/v1/secrets/${encodeURIComponent(arn)}`)).status, 200, 'its own by ARN');
  const both = await serve(t, people, { env: { ALLOWED_ACCOUNTS: '111111111111, 333333333333' } });
  t.equal((await both.as('ann').get(url)).json.code, 'secret-not-found');
  t.equal(both.calls('AssumeRole'), 1);

  const guarded = await serve(t, people, {
    policies: {
      'own.cedar':
        '@id("own-only") forbid (principal, action == Action::"useAccount", resource) when { resource has account };',
    },
  });
  t.match((await guarded.as('ann').get(url)).json, { code: 'forbidden', policies: ['own-only'] });
  t.equal(guarded.calls(), 0);
});

t.test('a secret that one may neither read nor request is like one that does not exist, to the letter', async (t) => {
  const { as, app, aws } = await serve(
    t,
    { bob: MINE, ann: { groups: ['payments'] } },
    {
      policies: { 'teams-only.cedar': TEAMS_ONLY },
    },
  );
  aws.call('LOCALOWNER', 'us-east-1', 'secretsmanager', 'CreateSecret', {
    ...{ Name: 'demo/leaving', SecretString: 'x', Tags: [{ Key: 'team', Value: 'payments' }] },
  });
  aws.call('LOCALOWNER', 'us-east-1', 'secretsmanager', 'DeleteSecret', { SecretId: 'demo/leaving' });
  const document = documentOf(app);
  const answer = async (operation: ApiOperation, secretId: string) => {
    const { method, url, body } = requestOf(operation, secretId, document);
    const { status, json } = await as('bob').call(method, url, body, { 'if-match': '"x"' });
    const { requestId: _, changeId: __, ...problem } = json;
    return JSON.stringify([status, problem]).replaceAll(secretId, 'SECRET');
  };
  const operations = operationsOf(app).filter(namesSecret);
  t.ok(operations.length > 15);
  for (const operation of operations) {
    const missing = await answer(operation, 'demo/nothing');
    t.match(missing, /^\[404,.*secret-not-found/, operation.operationId);
    for (const hidden of [HIDDEN, 'demo/leaving'])
      t.equal(await answer(operation, hidden), missing, `${operation.operationId} ${hidden}`);
  }
  const check = (secretId: string) => as('bob').post('/v1/authorization-checks', { secretId });
  t.equal((await check(HIDDEN)).json.code, 'secret-not-found');
  const items = [HIDDEN, 'demo/nothing'].map((secretId) => ({ secretId, principal: MARY }));
  const { headers } = await as('bob').post('/v1/bulk/shares', { items });
  const results = await eventually(async () => {
    const { json } = await as('bob').get(`${headers['location']}/items`);
    if (json.items.some((item: { result: unknown }) => item.result === null)) throw new Error('not yet');
    return json.items.map((item: { result: { problem: object } }) => item.result.problem);
  });
  t.same(JSON.stringify(results[0]).replaceAll(HIDDEN, 'demo/nothing'), JSON.stringify(results[1]));

  const refused = (await as('ann').get('/v1/audit-events?outcome=refused')).json.items;
  t.ok(refused.length > 0, 'that it was refused is on record all the same');
  t.match(await as('ann').get(`/v1/secrets/${encodeURIComponent(HIDDEN)}`), { status: 200 });
});

t.test('what one may see and not do is forbidden', async (t) => {
  const { as } = await serve(t, { bob: MINE });
  const refused = await as('bob').post('/v1/secrets/demo%2Fdatabase/shares', { principal: MARY });
  t.match(refused, { status: 403, json: { code: 'forbidden', policies: ['teams-own-their-secrets'] } });
});

t.test('who may read may not learn change ids by rolling back', async (t) => {
  const scopes = ['policy:read'];
  const { as } = await serve(t, { ann: { groups: ['payments'] }, reader: { scopes } });
  const { changeId } = (await as('ann').post('/v1/secrets/demo%2Fdatabase/shares', { principal: MARY })).json;
  const answer = async (id: string) => {
    const { status } = await as('reader').post(
      '/v1/secrets/demo%2Fdatabase/policy/rollback',
      { changeId: id },
      { 'if-match': '*' },
    );
    return status;
  };
  t.equal(await answer(changeId), 403);
  t.equal(await answer('01890a5d-ac96-774b-bcce-b302099a8057'), 403);
});

t.test('an operation is begun and cancelled by its own right, by who began it, and on record', async (t) => {
  const { as } = await serve(
    t,
    { ann: { groups: ['payments'] }, auditor: { scopes: ['audit:read', 'policy:write'] } },
    {},
  );
  const items = Array.from({ length: 300 }, (_, index) => ({
    secretId: HIDDEN,
    principal: String(300000000000 + index),
  }));
  const { id } = (await as('ann').post('/v1/bulk/denials', { items, reason: 'incident', ticket: 'SEC-1' })).json;
  t.match(await as('auditor').post(`/v1/operations/${id}/cancel`), { status: 403, json: { code: 'forbidden' } });
  t.match((await as('auditor').get(`/v1/operations/${id}`)).json.status, /running|done/, 'it goes on');
  await as('ann').post(`/v1/operations/${id}/cancel`);
  const events = (await as('auditor').get(`/v1/audit-events?changeId=${id}`)).json.items.reverse();
  t.match(events[0], {
    ...{ action: 'startOperation', outcome: 'applied', actor: { subject: 'ann' }, reason: 'incident', ticket: 'SEC-1' },
    request: { operation: id, action: 'deny', items: 300, dryRun: false },
  });
  t.match(events[1], { action: 'cancelOperation', outcome: 'refused', actor: { subject: 'auditor' } });
  t.ok(events.length === 2 || events[2].actor.subject === 'ann');
});

t.test('guardrails of before these actions do not shut anybody out, and say so', async (t) => {
  const old = (name: string) => `// ${name} of before\n`;
  const { as } = await serve(
    t,
    { ann: { groups: ['payments'] } },
    {
      policies: { 'accounts.cedar': old('accounts'), 'operations.cedar': old('operations') },
    },
  );
  t.equal((await as('ann').get('/v1/secrets/demo%2Fdatabase')).status, 200);
  const items = [{ secretId: HIDDEN, principal: MARY }];
  t.equal((await as('ann').post('/v1/bulk/shares?dryRun=true', { items })).status, 202);
});

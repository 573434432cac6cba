import { readFileSync } from 'node:fs';
import t from 'tap';
import type { AuthorizationRequest } from '../../src/access/guard/authorizer.ts';
import { schemaToJson } from '../../src/authorization/cedar.ts';
import { buildWithCallers } from '../callers.ts';
import { deref, documentOf, operationsOf } from '../document.ts';
import { MARY } from '../helper.ts';
import { approve, SHARES_WAIT } from '../routes/approvals.ts';

/** Lists, events and documents show what single looks would, and no more. */

const DATABASE = '/v1/secrets/demo%2Fdatabase';
const PAYMENTS = '/v1/secrets/demo%2Fapi-key';
const forbid = (action: string) => `
@id("team-only-${action}")
forbid (principal, action == Action::"${action}", resource is Secret)
when { resource.hasTag("team") && !principal.groups.contains(resource.getTag("team")) };`;

type Item = { name: string; secret: { name: string } };

t.test('the list of secrets holds those that may be looked at one by one', async (t) => {
  const people = { ann: { groups: ['payments'] }, all: { groups: ['payments', 'platform'] } };
  const { as } = await buildWithCallers(t, people, { policies: { 'team.cedar': forbid('readSecret') } });
  const names = async (who: keyof typeof people) =>
    (await as(who).get('/v1/secrets')).json.items.map(({ name }: Item) => name).sort();
  t.same(await names('ann'), ['demo/database', 'demo/default-key']);
  t.same(await names('all'), ['demo/api-key', 'demo/database', 'demo/default-key']);
});

t.test('events of secrets whose journal one may not read are left out, listed, streamed and by their id', async (t) => {
  const people = { ann: { groups: ['payments'] }, all: { groups: ['payments', 'platform'] } };
  const { as, app, keys } = await buildWithCallers(t, people, { policies: { 'team.cedar': forbid('readAudit') } });
  await as('all').post(`${DATABASE}/shares`, { principal: MARY });
  await as('all').post(`${PAYMENTS}/shares`, { principal: MARY });
  const events = async (who: keyof typeof people, accept: string) => {
    const headers = { 'x-api-key': keys[who], accept };
    const { payload } = await app.inject({ url: '/v1/audit-events', headers });
    const lines = accept === 'application/json' ? JSON.parse(payload).items : payload.trim().split('\n').map(parse);
    return [...new Set(lines.map(({ secret }: Item) => secret.name))].sort();
  };
  const parse = (line: string) => JSON.parse(line);
  for (const accept of ['application/json', 'application/x-ndjson']) {
    t.same(await events('all', accept), ['demo/api-key', 'demo/database'], accept);
    t.same(await events('ann', accept), ['demo/database'], accept);
  }
  const hidden = (await as('all').get('/v1/audit-events?secret=demo%2Fapi-key')).json.items[0].id;
  t.equal((await as('all').get(`/v1/audit-events/${hidden}`)).status, 200);
  t.match((await as('ann').get(`/v1/audit-events/${hidden}`)).json, { code: 'event-not-found' });
});

t.test('who writes and may not read is shown no document of the policy', async (t) => {
  const people = { ann: { groups: ['payments'] }, writer: { groups: ['payments'], scopes: ['policy:write'] } };
  const { as } = await buildWithCallers(t, people);
  const first = await as('ann').post(`${DATABASE}/shares`, { principal: '222222222222' });
  t.ok(first.json.policy);
  for (const query of ['?dryRun=true', '']) {
    const { json, body } = await as('writer').post(`${DATABASE}/shares${query}`, { principal: MARY });
    t.match(json, { changed: true, policy: null, before: null, diff: [], share: { principal: MARY } }, query);
    t.ok(json.warnings.some(({ code }: { code: string }) => code === 'policy-not-shown'));
    t.notMatch(body, /222222222222/, query);
  }
});

/** What is one’s own, of something that is not there, or nobody’s secret. */
const UNASKED = [
  'getOperation',
  'listOperationItems',
  'watchOperation',
  'watchApprovals',
  'getApproval',
  'listApprovals',
  'listAccessRequests',
  'getAccessRequest',
  'approveChange',
  'rejectChange',
  'withdrawChange',
  'acknowledgeFinding',
];
const isOpen = (path: string) => /^\/(?:livez|readyz|metrics|problems)/.test(path);

t.test(
  'each route asks the guardrails; each action, on each kind of resource that it may be about, is asked somewhere',
  async (t) => {
    const people = { ann: { groups: ['payments'] }, sam: { groups: ['payments', 'security'] } };
    const { as, app } = await buildWithCallers(t, people, { policies: { 'write.cedar': SHARES_WAIT } });
    const asked = new Set<string>();
    let calls = 0;
    const { authorizer } = app.services;
    const { decide } = authorizer;
    authorizer.decide = (request: AuthorizationRequest) => {
      const resource = request.ofAccount !== undefined ? 'Account' : request.secret === null ? 'Service' : 'Secret';
      asked.add(`${request.action} ${resource}`);
      calls += 1;
      return decide(request);
    };
    const document = documentOf(app);
    const { approvalId } = (await as('ann').post(`${DATABASE}/shares`, { principal: MARY })).json;
    t.equal((await approve({ as }, 'sam', approvalId)).status, 200);
    for (const { path, method, requestBody, operationId, parameters } of operationsOf(app)) {
      const namesSecret = parameters.some(
        ({ in: where, name, required }) => where === 'query' && name === 'secretId' && required,
      );
      const url = `${path}${namesSecret ? '?secretId=demo%2Fdatabase' : ''}`
        .replace('{secretId}', 'demo%2Fdatabase')
        .replace(/\{(share|denial|restriction)Id\}/, 'f'.repeat(24))
        .replace(/\{\w+\}/, '01890a5d-ac96-774b-bcce-b302099a8057');
      const schema = requestBody?.content['application/json']?.schema;
      const bodies: readonly unknown[] = (schema && deref(schema, document).examples) ?? [undefined];
      calls = 0;
      for (const body of bodies) await as('ann').call(method as 'GET', url, body, { 'if-match': '*' });
      if (!UNASKED.includes(operationId) && !isOpen(path)) t.ok(calls > 0, operationId);
    }
    // The first example of an incident is a freeze.
    await as('ann').post('/v1/incidents?dryRun=true', { evict: { account: '222222222222' } });
    const declared = schemaToJson(readFileSync('src/authorization/schema.cedarschema', 'utf8'));
    if (declared.type === 'failure') throw new Error(JSON.stringify(declared.errors));
    const pairs = Object.entries(declared.json['']?.actions ?? {}).flatMap(([action, { appliesTo }]) =>
      (appliesTo?.resourceTypes ?? []).map((type) => `${action} ${type}`),
    );
    t.ok(pairs.length > 20);
    t.same(pairs.filter((pair) => !asked.has(pair)).sort(), []);
  },
);

import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { APPROVAL_LIFETIME_MS } from '../../src/access/approvals/approval.ts';
import { buildWithCallers } from '../callers.ts';
import { MARY } from '../helper.ts';
import { matchList } from '../match-list.ts';
import { approve, arnOf, ask, SECRET, SHARES, SHARES_WAIT, sharesOf, start, timeless, trail } from './approvals.ts';

t.test('a change waits for a second person, and is applied when one approves it', async (t) => {
  const service = await start(t);
  const { as, readAs } = service;
  const arn = await arnOf(service);
  const asked = await ask(service, { principal: MARY, reason: 'report', ticket: 'OPS-1' });
  t.equal(asked.status, 202, asked.body);
  const { approvalId } = asked.json;
  t.equal(asked.headers['location'], `/v1/approvals/${approvalId}`);
  t.match(asked.json, {
    changeId: approvalId,
    status: 'pending',
    group: 'security',
    secret: { arn, name: 'demo/database' },
    action: 'share',
    request: { principal: MARY },
    reason: 'report',
    ticket: 'OPS-1',
    requestedBy: { subject: 'mary', method: 'apiKey' },
    decidedBy: null,
    problem: null,
  });
  matchList(t, asked.json.diff, [{ op: 'replace', path: '', value: { Statement: [{ Principal: { AWS: MARY } }] } }]);
  t.equal(await readAs('LOCALMARY', arn), 'AccessDeniedException');
  t.same(await sharesOf(service), []);

  const location = String(asked.headers['location']);
  t.same(timeless((await as('sam').get(location)).json), timeless(asked.json));
  const approved = await approve(service, 'sam', approvalId, { reason: 'agreed' });
  t.equal(approved.status, 200);
  t.match(approved.json, { changeId: approvalId, changed: true, share: { principal: MARY } });
  t.ok(approved.headers['etag']);
  t.equal(await readAs('LOCALMARY', arn), 'read');
  t.match((await as('mary').get(location)).json, {
    status: 'applied',
    decidedBy: { subject: 'sam' },
    decisionReason: 'agreed',
    problem: null,
  });
  t.same(await trail(service, approvalId), [
    'mary requestApproval applied',
    'sam approve applied',
    'mary share intent',
    'mary share applied',
  ]);
  const [event] = (await as('sue').get(`/v1/audit-events?action=approve`)).json.items;
  t.match(event, {
    reason: 'agreed',
    request: { group: 'security', requestedBy: 'mary', request: { principal: MARY } },
  });
});

t.test('neither who asked nor somebody of another group decides; both are on record', async (t) => {
  const service = await start(t);
  const { as } = service;
  const { approvalId } = (await ask(service)).json;
  for (const verdict of ['approve', 'reject']) {
    const decide = (who: 'mary' | 'lee') =>
      verdict === 'approve'
        ? approve(service, who, approvalId)
        : as(who).post(`/v1/approvals/${approvalId}/${verdict}`, {});
    const own = await decide('mary');
    t.equal(own.status, 403);
    t.match(own.json, { code: 'forbidden', detail: /You asked for this change/, policies: [] });
    const other = await decide('lee');
    t.equal(other.status, 403);
    t.match(other.json.detail, /Only members of the group security/);
  }
  t.same(await sharesOf(service), []);
  t.same(await trail(service, approvalId), [
    'mary requestApproval applied',
    'mary approve refused',
    'lee approve refused',
    'mary reject refused',
    'lee reject refused',
  ]);
  t.equal((await as('mary').get(`/v1/approvals/${approvalId}`)).json.status, 'pending');
});

t.test('the guardrails have a say in who approves', async (t) => {
  const service = await start(t, {
    policy: `${SHARES_WAIT} @id("not-sam") forbid (principal, action == Action::"approve", resource) when { principal.subject == "sam" && context has principalAccount && context.principalAccount == "123456789999" };`,
  });
  const { approvalId } = (await ask(service)).json;
  const refused = await approve(service, 'sam', approvalId);
  t.equal(refused.status, 403);
  t.same(refused.json.policies, ['not-sam']);
  t.equal((await approve(service, 'sue', approvalId)).status, 200);
});

t.test('a rejected change is not made, and stays rejected', async (t) => {
  const service = await start(t);
  const { as } = service;
  const { approvalId } = (await ask(service)).json;
  const rejected = await as('sue').post(`/v1/approvals/${approvalId}/reject`, { reason: 'not him' });
  t.equal(rejected.status, 200);
  t.match(rejected.json, { status: 'rejected', decidedBy: { subject: 'sue' }, decisionReason: 'not him' });
  const late = await approve(service, 'sam', approvalId);
  t.equal(late.status, 409);
  t.match(late.json, { code: 'approval-closed', detail: /rejected already: sue decided/ });
  t.same(await sharesOf(service), []);
  t.same(await trail(service, approvalId), ['mary requestApproval applied', 'sue reject applied']);
});

t.test('an id that is none, an unknown one, unknown fields and no credentials are refused', async (t) => {
  const { call, as } = await start(t);
  const unknown = '/v1/approvals/01890a5d-ac96-774b-bcce-b302099a8057';
  t.match(await as('sam').get(unknown), { status: 404, json: { code: 'approval-not-found' } });
  t.match(await as('sam').post(`${unknown}/approve`, { etag: '"x"' }), {
    status: 404,
    json: { code: 'approval-not-found' },
  });
  t.equal((await as('sam').get('/v1/approvals/one')).status, 404);
  t.equal((await as('sam').post(`${unknown}/reject`, { raeson: 'x' })).status, 400);
  for (const [method, url] of [
    ['GET', '/v1/approvals'],
    ['GET', unknown],
    ['POST', `${unknown}/approve`],
    ['POST', `${unknown}/reject`],
  ] as const) {
    t.match(await call(method, url), { status: 401, json: { code: 'unauthenticated' } });
  }
});

t.test('nobody can approve it once its time is over', async (t) => {
  let now = Date.now();
  const service = await start(t, { overrides: { clock: () => new Date(now) } });
  const { as } = service;
  const { approvalId, expiresAt } = (await ask(service)).json;
  t.equal(expiresAt, new Date(now + APPROVAL_LIFETIME_MS).toISOString());
  now += APPROVAL_LIFETIME_MS - 1;
  t.equal((await as('sam').get('/v1/approvals?status=pending')).json.items.length, 1);
  now += 1;
  const late = await approve(service, 'sam', approvalId);
  t.equal(late.status, 409);
  t.match(late.json.detail, /expired already: nobody decided/);
  t.same((await as('sam').get('/v1/approvals?status=pending')).json.items, []);
  matchList(t, (await as('sam').get('/v1/approvals?status=expired')).json.items, [{ approvalId }]);
  t.same(await sharesOf(service), []);
  t.same(await trail(service, approvalId), [
    'mary requestApproval applied',
    'secret-access-service expireApproval applied',
  ]);
});

t.test('what a clock that was wrong let wait for too long is not applied', async (t) => {
  let now = Date.now();
  const service = await start(t, { overrides: { clock: () => new Date(now) } });
  now += 365 * APPROVAL_LIFETIME_MS;
  const { approvalId } = (await ask(service)).json;
  now -= 365 * APPROVAL_LIFETIME_MS;
  t.match((await approve(service, 'sam', approvalId)).json, {
    code: 'stored-command-refused',
    detail: /clock was wrong/,
  });
  t.same(await sharesOf(service), []);
});

t.test('it is applied to the policy as it is then', async (t) => {
  const service = await start(t);
  const { as } = service;
  const { approvalId } = (await ask(service)).json;
  const denial = await as('mary').post(`${SECRET}/denials`, { account: '333333333333' });
  t.equal(denial.status, 201);
  const approved = await approve(service, 'sam', approvalId);
  t.equal(approved.status, 200);
  t.same(approved.json.before, denial.json.policy);
  t.equal(approved.json.policy.Statement.length, 2);
});

t.test('one that names the policy it saw fails when that is another by then, and says so', async (t) => {
  const service = await start(t);
  const { as } = service;
  const { etag } = (await as('mary').get(`${SECRET}/policy`)).json;
  const asked = await as('mary').post(SHARES, { principal: MARY }, { 'if-match': etag });
  t.equal(asked.status, 202, asked.body);
  await as('mary').post(`${SECRET}/denials`, { account: '333333333333' });
  const { approvalId } = asked.json;
  const now = (await as('sam').get(`${SECRET}/policy`)).json;
  const failed = await as('sam').post(`/v1/approvals/${approvalId}/approve`, { etag: now.etag });
  t.match(failed, { status: 412, json: { code: 'policy-changed' } });
  t.match((await as('mary').get(`/v1/approvals/${approvalId}`)).json, {
    status: 'failed',
    decidedBy: { subject: 'sam' },
    problem: { code: 'policy-changed' },
  });
  t.equal((await approve(service, 'sue', approvalId)).status, 409);
  t.same(await sharesOf(service), []);
});

t.test('a whole document waits as well, with the precondition that it was sent with', async (t) => {
  const service = await start(t);
  const { as } = service;
  const document = {
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: { AWS: MARY }, Action: 'secretsmanager:GetSecretValue', Resource: '*' }],
  };
  const asked = await as('mary').put(`${SECRET}/policy`, document, { 'if-none-match': '*' });
  t.equal(asked.status, 202, asked.body);
  const approved = await approve(service, 'sam', asked.json.approvalId);
  t.equal(approved.status, 200);
  t.same(approved.json.policy.Statement, document.Statement);
});

t.test('of many who approve or reject at once one decides, and the change is made once', async (t) => {
  const service = await start(t);
  const { as } = service;
  const { approvalId, etag } = (await ask(service)).json;
  const answers = await Promise.all(
    Array.from({ length: 12 }, (_, index) =>
      index % 3 === 2
        ? as(index % 2 ? 'sam' : 'sue').post(`/v1/approvals/${approvalId}/reject`, {})
        : as(index % 2 ? 'sam' : 'sue').post(`/v1/approvals/${approvalId}/approve`, { etag }),
    ),
  );
  const statuses = answers.map(({ status }) => status).sort();
  t.same(statuses, [200, ...Array(11).fill(409)]);
  const events = await trail(service, approvalId);
  t.equal(events.filter((event: string) => /approve applied|reject applied/.test(event)).length, 1);
  t.ok(events.filter((event: string) => event === 'mary share intent').length <= 1);
  t.equal((await sharesOf(service)).length, events.includes('mary share applied') ? 1 : 0);
});

t.test('what could never be made does not wait: the refusal comes at once', async (t) => {
  const service = await start(t);
  const { as } = service;
  const share = await as('mary').post('/v1/secrets/demo%2Fdefault-key/shares', { principal: MARY });
  t.match(share, { status: 422, json: { code: 'kms-key-not-shareable' } });
  t.same((await as('mary').get('/v1/approvals')).json, { items: [], nextCursor: null });
});

t.test('what is so already needs nobody', async (t) => {
  const service = await start(t);
  const { approvalId } = (await ask(service)).json;
  await approve(service, 'sam', approvalId);
  const again = await ask(service);
  t.equal(again.status, 200);
  t.equal(again.json.changed, false);
});

t.test('a dry run does not wait; it says that the change would', async (t) => {
  const service = await start(t);
  const { as } = service;
  const rehearsal = await as('mary').post(`${SHARES}?dryRun=true`, { principal: MARY });
  t.equal(rehearsal.status, 200);
  t.match(rehearsal.json, {
    dryRun: true,
    changed: true,
    warnings: [{ code: 'approval-required', message: /security/ }],
  });
  t.same((await as('mary').get('/v1/approvals')).json.items, []);
});

t.test('the same Idempotency-Key gets the same approval, and does not ask twice', async (t) => {
  const service = await start(t);
  const { as } = service;
  const headers = { 'idempotency-key': 'k-1' };
  const first = await as('mary').post(SHARES, { principal: MARY }, headers);
  const second = await as('mary').post(SHARES, { principal: MARY }, headers);
  t.equal(second.status, 202);
  t.equal(second.headers['idempotency-replayed'], 'true');
  t.equal(second.headers['location'], first.headers['location']);
  t.same(second.json, first.json);
  t.equal((await as('mary').get('/v1/approvals')).json.items.length, 1);
  const url = `/v1/approvals/${first.json.approvalId}/approve`;
  const said = { etag: first.json.etag };
  const approved = await as('sam').post(url, said, headers);
  t.equal(approved.status, 200);
  t.same((await as('sam').post(url, said, headers)).json, approved.json, 'so does an approval');
});

t.test('an answer that was lost is given again: the approval, and once it is applied the change', async (t) => {
  const service = await start(t);
  const { app } = service;
  const { approvalId } = (await ask(service)).json;
  t.match(await app.services.resume(approvalId), { approvalId, status: 'pending' });
  const approved = await approve(service, 'sam', approvalId);
  t.match(await app.services.resume(approvalId), { changeId: approvalId, share: approved.json.share });
});

t.test('the list has pages, newest first, and shows each caller what it may see', async (t) => {
  const { as } = await buildWithCallers(
    t,
    {
      mary: { groups: ['payments'] },
      ann: { groups: ['payments'], scopes: ['policy:write'] },
      sam: { groups: ['security'] },
    },
    { policies: { 'write.cedar': SHARES_WAIT } },
  );
  const asked: string[] = [];
  for (const [index, who] of (['mary', 'mary', 'ann', 'mary'] as const).entries()) {
    const share = await as(who).post(SHARES, { principal: String(300000000000 + index) });
    asked.unshift(share.json.approvalId);
    await sleep(2);
  }
  const first = (await as('sam').get('/v1/approvals?limit=3')).json;
  const second = (await as('sam').get(`/v1/approvals?limit=3&cursor=${first.nextCursor}`)).json;
  t.equal(second.nextCursor, null);
  const ids = [...first.items, ...second.items].map(({ approvalId }) => approvalId);
  t.same(ids, asked);
  t.match(await as('sam').get('/v1/approvals?cursor=nonsense'), { status: 400 });
  const own = (await as('ann').get('/v1/approvals')).json.items;
  matchList(t, own, [{ approvalId: asked[1] }], 'who may read no policy sees what it asked for itself');
  t.equal((await as('ann').get(`/v1/approvals/${asked[1]}`)).status, 200);
  t.equal((await as('ann').get(`/v1/approvals/${asked[0]}`)).status, 404);
});

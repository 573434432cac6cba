import t from 'tap';
import { buildWithCallers } from '../callers.ts';
import { MARY } from '../helper.ts';

/** What whoever decides on a request can, and can't, make of it. */

const REQUESTS = '/v1/access-requests';
const ASKED = { secretId: 'demo/database', principal: MARY, expiresIn: '30d', reason: 'I run the report' };
const PEOPLE = {
  rita: { scopes: ['access:request'] },
  ron: { scopes: ['access:request'] },
  olga: { groups: ['payments', 'secret-admins'] },
  sam: { groups: ['payments'] },
};
const SHARES_WANT_TWO = `
@id("write-by-scope")
permit (principal, action in [Action::"write", Action::"approve"], resource)
when { principal.scopes.contains("policy:write") }
unless { action == Action::"share" };

@id("shares-with-approval")
@approval("payments")
permit (principal, action == Action::"share", resource)
when { principal.scopes.contains("policy:write") };`;

type Service = Awaited<ReturnType<typeof start>>;
const start = (t: Parameters<typeof buildWithCallers>[0], policies: Record<string, string> = {}) =>
  buildWithCallers(t, PEOPLE, { policies });

const ask = async ({ as }: Service, changes: object = {}): Promise<string> =>
  (await as('rita').post(REQUESTS, { ...ASKED, ...changes })).json.approvalId;

async function approve({ as }: Service, id: string, said: object = {}) {
  const { etag } = (await as('olga').get(`/v1/approvals/${id}`)).json;
  return as('olga').post(`/v1/approvals/${id}/approve`, { etag, ...said });
}

t.test('whoever approves a request is the first of the two that a share wants, whoever asks', async (t) => {
  const service = await start(t, { 'write.cedar': SHARES_WANT_TWO });
  const { as } = service;
  const id = await ask(service);
  t.match(await approve(service, id), { status: 403, json: { detail: /second person, of the group payments/ } });
  const SHARES = '/v1/secrets/demo%2Fdatabase/shares';
  t.same((await as('olga').get(SHARES)).json.items, []);
  t.match((await as('rita').get(`${REQUESTS}/${id}`)).json, { status: 'pending' });
  const shared = await as('olga').post(SHARES, { principal: MARY });
  t.match(shared, { status: 202 }, 'by itself it waits');
  const { approvalId } = shared.json;
  const { etag } = (await as('sam').get(`/v1/approvals/${approvalId}`)).json;
  t.equal((await as('sam').post(`/v1/approvals/${approvalId}/approve`, { etag })).status, 200);
});

t.test('a yes that can’t be carried out uses no request up', async (t) => {
  const service = await start(t);
  const id = await ask(service);
  for (const said of [{ expiresAt: '2030-01-01T00:00:60Z' }, { expiresAt: '2020-01-01T00:00:00Z' }]) {
    const refused = await approve(service, id, said);
    t.match(refused, { status: 400, json: { errors: [{ path: '/expiresAt' }] } }, said.expiresAt);
    t.match((await service.as('rita').get(`${REQUESTS}/${id}`)).json, { status: 'pending' });
  }
  t.equal((await approve(service, id)).status, 200);
});

t.test('all actions are not more than all actions', async (t) => {
  const { as } = await start(t, { 'write.cedar': SHARES_WANT_TWO });
  const actions = ['secretsmanager:*'];
  const asked = { principal: MARY, actions, acknowledgeEscalation: true };
  const { approvalId } = (await as('olga').post('/v1/secrets/demo%2Fdatabase/shares', asked)).json;
  const { etag } = (await as('sam').get(`/v1/approvals/${approvalId}`)).json;
  const approved = await as('sam').post(`/v1/approvals/${approvalId}/approve`, { etag, actions });
  t.match(approved, { status: 200, json: { share: { actions } } });
});

t.test('who may neither see a request nor decide on it is not told that there is one', async (t) => {
  const service = await start(t);
  const { as } = service;
  const id = await ask(service);
  const unknown = '01890a5d-ac96-774b-bcce-b302099a8057';
  const told = async (approvalId: string) => {
    const answers = [
      await as('ron').post(`/v1/approvals/${approvalId}/approve`, { etag: '"x"' }),
      await as('ron').post(`/v1/approvals/${approvalId}/reject`),
      await as('ron').post(`/v1/approvals/${approvalId}/withdraw`),
    ];
    return answers.map(({ status, json }) => [status, json.code, json.detail]);
  };
  const nothing = await told(unknown);
  t.match(nothing[0], [404, 'approval-not-found']);
  t.same(await told(id), nothing);
  await as('olga').post(`/v1/approvals/${id}/reject`);
  t.same(await told(id), nothing, 'nor that it is closed');
});

t.test('whoever asked may withdraw it, and nobody else', async (t) => {
  const service = await start(t);
  const { as } = service;
  const id = await ask(service);
  t.equal((await as('olga').post(`/v1/approvals/${id}/withdraw`)).json.code, 'approval-not-found');
  const { status, json } = await as('rita').post(`/v1/approvals/${id}/withdraw`, { reason: 'not needed' });
  t.equal(status, 200);
  t.match(json, { status: 'rejected', decidedBy: { subject: 'rita' }, decisionReason: 'not needed', diff: [] });
  t.equal((await as('rita').post(`/v1/approvals/${id}/withdraw`)).json.code, 'approval-closed');
  t.equal((await approve(service, id, { etag: '"x"' })).json.code, 'approval-closed');
  const { items } = (await as('olga').get(`/v1/audit-events?changeId=${id}&action=reject`)).json;
  t.match(items, [{ actor: { subject: 'rita' }, outcome: 'applied', reason: 'not needed' }]);
});

t.test('the answer of a request that was lost is the one that was given', async (t) => {
  const service = await start(t);
  const { as, app } = service;
  const { complete } = app.services.idempotency;
  app.services.idempotency.complete = async (claim) => {
    await app.services.idempotency.abandon(claim);
    return false;
  };
  const key = { 'idempotency-key': 'once' };
  const first = await as('rita').post(
    REQUESTS,
    { ...ASKED, expiresIn: undefined, expiresAt: '2030-01-01T00:00:00Z' },
    key,
  );
  app.services.idempotency.complete = complete;
  const again = await as('rita').post(
    REQUESTS,
    { ...ASKED, expiresIn: undefined, expiresAt: '2030-01-01T00:00:00Z' },
    key,
  );
  t.equal(again.status, 202);
  t.same(again.json, first.json);
  t.equal(again.headers['location'], first.headers['location']);
});

import { SecretsManagerClient, TagResourceCommand } from '@aws-sdk/client-secrets-manager';
import t from 'tap';
import { buildWithCallers } from '../callers.ts';
import { APP_ROLE, MARY } from '../helper.ts';
import { matchList } from '../match-list.ts';
import { until } from '../wait.ts';

const SECRET = '/v1/secrets/demo%2Fdatabase';
const REQUESTS = '/v1/access-requests';
const READ = ['secretsmanager:DescribeSecret', 'secretsmanager:GetSecretValue'];
const ASKED = { secretId: 'demo/database', principal: MARY, expiresIn: '30d', reason: 'I run the report' };
const PEOPLE = {
  rita: { scopes: ['access:request'] },
  ron: { scopes: ['access:request'] },
  olga: { groups: ['payments'] },
  lee: { groups: ['legal'] },
  tom: { scopes: ['audit:read'] },
  // Owns it, and asks all the same.
  otto: { groups: ['payments'], scopes: ['policy:read', 'policy:write', 'access:request'] },
};

t.test('a reader asks, the owners decide', async (t) => {
  const { as, aws } = await buildWithCallers(t, PEOPLE);
  await as('olga').post(`${SECRET}/shares`, { principal: APP_ROLE });
  const see = async (who: 'olga' | 'lee' | 'otto', id: string) => (await as(who).get(`/v1/approvals/${id}`)).json;
  const approve = async (who: 'olga' | 'lee' | 'otto', id: string, said: object = {}) =>
    as(who).post(`/v1/approvals/${id}/approve`, { etag: (await see(who, id)).etag ?? '"none"', ...said });

  await t.test('and sees what it asked for and what its own side needs, and nothing of the policy', async (t) => {
    const { status, json, headers, body } = await as('rita').post(REQUESTS, ASKED);
    t.equal(status, 202);
    t.match(json, {
      ...{ status: 'pending', group: 'payments', action: 'share', reason: 'I run the report', etag: null },
      ...{ diff: [], warnings: [], effect: { gains: [], loses: [] }, requestedBy: { subject: 'rita' } },
      request: { principal: MARY, actions: READ },
    });
    matchList(t, json.legs, [
      { leg: 'identityPolicy', status: 'unknown', account: '123456789999', statement: { Resource: json.secret.arn } },
    ]);
    const location = String(headers['location']);
    t.same((await as('rita').get(location)).json, json);
    t.same((await as('rita').get(REQUESTS)).json, { items: [json], nextCursor: null });
    const approval = (await as('rita').get(`/v1/approvals/${json.approvalId}`)).json;
    t.same(approval, { ...json, legs: [] }, 'as an approval too, which has the legs of what an owner sees');
    t.notMatch(body, /222222222222|Statement/, 'who else may read it is not told');
    for (const look of [SECRET, `${SECRET}/policy`, `${SECRET}/readers`])
      t.equal((await as('rita').get(look)).status, 403, look);
    t.equal((await as('ron').get(location)).json.code, 'approval-not-found');
    t.same((await as('ron').get(REQUESTS)).json.items, []);
  });

  await t.test('who see what it would do, and may give less', async (t) => {
    const { json } = await as('rita').get(REQUESTS);
    const id = json.items[0].approvalId;
    matchList(t, (await as('olga').get('/v1/approvals?waitingFor=me')).json.items, [
      { approvalId: id, effect: { gains: [{ principal: MARY }] }, diff: [{}], etag: String },
    ]);
    t.match(await approve('lee', id), { status: 403 }, 'nobody else does');
    t.match(await approve('olga', id, { expiresAt: '2090-01-01T00:00:00Z' }), {
      status: 400,
      json: { errors: [{ path: '/expiresAt' }] },
    });
    t.match(await approve('olga', id, { expiresAt: '2020-01-01T00:00:00Z' }), { status: 400 });
    const more = ['secretsmanager:GetSecretValue', 'secretsmanager:PutSecretValue'];
    t.match(await approve('olga', id, { actions: more }), { status: 400, json: { errors: [{ path: '/actions' }] } });
    const expiresAt = new Date(Date.now() + 86_400_000).toISOString().replace(/\.\d+/, '');
    const said = { expiresAt, actions: ['secretsmanager:GetSecretValue'], reason: 'for a day' };
    const { status, json: change } = await approve('olga', id, said);
    t.equal(status, 200);
    t.match(change.share, { principal: MARY, actions: ['secretsmanager:GetSecretValue'], expiresAt });
    const { items } = (await as('olga').get(`${SECRET}/shares`)).json;
    t.match(
      items.find(({ principal }: { principal: string }) => principal === MARY),
      { by: { subject: 'olga' }, reason: 'I run the report', changeId: id },
    );
    t.match((await as('rita').get(`${REQUESTS}/${id}`)).json, {
      ...{ status: 'applied', decidedBy: { subject: 'olga' }, decisionReason: 'for a day', diff: [], etag: null },
      effect: { gains: [] },
    });
    const events = (await as('tom').get(`/v1/audit-events?changeId=${id}&phase=outcome`)).json.items;
    t.strictSame(
      events.map(({ actor, action, outcome }: Record<string, { subject: string }>) => [
        actor?.subject,
        action,
        outcome,
      ]),
      [
        ['olga', 'share', 'applied'],
        ['olga', 'approve', 'applied'],
        ['lee', 'approve', 'refused'],
        ['rita', 'requestApproval', 'applied'],
      ],
    );
    const granted = { expiresAt, actions: ['secretsmanager:GetSecretValue'] };
    t.match(events[1].request, { request: { actions: READ }, granted }, 'what was asked for, and what was given');
    t.match((await as('rita').get(`${REQUESTS}/${id}`)).json, { granted });
  });

  await t.test('or say no', async (t) => {
    const { json } = await as('rita').post(REQUESTS, ASKED);
    await as('olga').post(`/v1/approvals/${json.approvalId}/reject`, { reason: 'ask for the copy' });
    const seen = (await as('rita').get(`${REQUESTS}/${json.approvalId}`)).json;
    t.match(seen, { status: 'rejected', decisionReason: 'ask for the copy' });
  });

  await t.test('and not about what they asked for themselves', async (t) => {
    const { json } = await as('otto').post(REQUESTS, ASKED);
    t.match(await approve('otto', json.approvalId), { status: 403, json: { detail: /^You asked/ } });
  });

  await t.test('who that is follows from the tag of when it is approved', async (t) => {
    const { json } = await as('rita').post(REQUESTS, ASKED);
    const owner = new SecretsManagerClient({
      ...{ region: 'us-east-1', endpoint: aws.url },
      credentials: { accessKeyId: 'LOCALOWNER', secretAccessKey: 'x' },
    });
    t.teardown(() => owner.destroy());
    await owner.send(new TagResourceCommand({ SecretId: 'demo/database', Tags: [{ Key: 'team', Value: 'legal' }] }));
    const waits = async (who: 'olga' | 'lee') => {
      const { items } = (await as(who).get('/v1/approvals?waitingFor=me')).json;
      return items.some(({ approvalId }: { approvalId: string }) => approvalId === json.approvalId);
    };
    await until(() => waits('lee'));
    t.notOk(await waits('olga'), 'the inbox follows the secret');
    t.match((await as('rita').get(`${REQUESTS}/${json.approvalId}`)).json, { group: 'legal' });
    t.match(await approve('olga', json.approvalId), { status: 403, json: { detail: /group legal/ } });
    t.match(await approve('lee', json.approvalId), { status: 200, json: { changed: true } });
  });

  await t.test('twenty of one caller wait at most, however many come at once', async (t) => {
    const answers = await Promise.all(Array.from({ length: 22 }, () => as('ron').post(REQUESTS, ASKED)));
    const statuses = answers.map(({ status }) => status).toSorted();
    t.strictSame(statuses, [...Array(20).fill(202), 429, 429]);
    t.equal((await as('rita').post(REQUESTS, ASKED)).status, 202, 'others go on');
  });

  await t.test('what can’t be asked for', async (t) => {
    const ask = async (changes: object) => (await as('rita').post(REQUESTS, { ...ASKED, ...changes })).json;
    t.match(await ask({ expiresIn: undefined }), { code: 'validation-failed', detail: /expiresIn/ });
    t.match(await ask({ reason: '' }), { code: 'validation-failed' });
    t.match(await ask({ principal: '*' }), { code: 'validation-failed' });
    t.match(await ask({ actions: ['secretsmanager:PutResourcePolicy'] }), { code: 'escalation-not-acknowledged' });
    t.match(await ask({ principal: 'arn:aws-cn:iam::123456789999:user/Mary' }), { code: 'partition-mismatch' });
    t.match(await ask({ secretId: 'none' }), { code: 'secret-not-found' });
    const hidden = (await as('tom').post(REQUESTS, { ...ASKED })).json;
    t.match(hidden, { status: 403, code: 'forbidden' }, 'before anybody looks');
    const look = await as('olga').post(REQUESTS, ASKED);
    t.match(look.json, { status: 403, code: 'forbidden' }, 'who may read it, and not ask');
    const events = (await as('tom').get('/v1/audit-events?actor=olga&action=requestApproval')).json.items;
    matchList(t, events, [{ outcome: 'refused', error: { code: 'forbidden' } }]);
  });
});

t.test('guardrails on shares hold for what is approved, and somebody always decides', async (t) => {
  const policies = {
    'requests.cedar': `
@id("anybody-asks")
permit (principal, action == Action::"requestAccess", resource)
when { principal.subject == "rita" };

@id("owners-decide")
@approval("tag:team")
permit (principal, action == Action::"requestAccess", resource)
when { principal.scopes.contains("access:request") };`,
    'ours.cedar': `
@id("own-accounts")
forbid (principal, action == Action::"share", resource)
unless { context has principalAccount && context.principalAccount == "222222222222" };`,
  };
  const { as } = await buildWithCallers(t, PEOPLE, { policies });
  const asked = await as('rita').post(REQUESTS, ASKED);
  t.match(asked, { status: 202, json: { group: 'payments' } }, 'one plain permit is not enough here');
  const id = asked.json.approvalId;
  const { etag } = (await as('olga').get(`/v1/approvals/${id}`)).json;
  const approved = await as('olga').post(`/v1/approvals/${id}/approve`, { etag });
  t.match(approved, { status: 403, json: { policies: ['own-accounts'] } });
  t.match((await as('rita').get(`${REQUESTS}/${id}`)).json, { status: 'pending', problem: null }, 'it waits on');
  const untagged = { ...ASKED, secretId: 'demo/report' };
  t.match((await as('ron').post(REQUESTS, untagged)).json, { code: 'secret-not-found' }, 'no tag, nobody who decides');
});

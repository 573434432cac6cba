import t from 'tap';
import { trustSealedApprovals } from '../../src/access/approvals/sealed-approvals.ts';
import { createApprovalStore } from '../../src/database/approvals.ts';
import { connect } from '../../src/database/connect.ts';
import { type FaultProxy, forGood, startFaultProxy, throttling } from '../aws/fault-proxy.ts';
import { rebuild } from '../callers.ts';
import { SEAL } from '../command-key.ts';
import { MARY } from '../helper.ts';
import { until } from '../wait.ts';
import { approve, ask, type Service, SHARES, SHARES_WAIT, sharesOf, start, trail } from './approvals.ts';

/** What becomes of a change that waits when the guardrails change meanwhile, or the process ends. */

const LEGAL_WAITS = SHARES_WAIT.replace('"security"', '"legal"');
const FORBIDDEN = `@id("nobody-shares") forbid (principal, action == Action::"share", resource);`;

t.test('the guardrails of then decide: one that forbids it by now wins over the approval', async (t) => {
  const service = await start(t);
  const { as, write } = service;
  const { approvalId } = (await ask(service)).json;
  write('nobody.cedar', FORBIDDEN);
  await until(async () => (await ask(service)).status === 403);
  const refused = await approve(service, 'sam', approvalId);
  t.equal(refused.status, 403);
  t.same(refused.json.policies, ['nobody-shares']);
  t.match((await as('mary').get(`/v1/approvals/${approvalId}`)).json, {
    status: 'failed',
    problem: { code: 'forbidden', detail: /nobody-shares/ },
  });
  t.same(await trail(service, approvalId), [
    'mary requestApproval applied',
    'sam approve applied',
    'mary share refused',
  ]);
});

t.test('the approval of one group is not that of another, which the guardrails want by now', async (t) => {
  const service = await start(t);
  const { write } = service;
  const { approvalId } = (await ask(service)).json;
  write('write.cedar', LEGAL_WAITS);
  await until(async () => (await ask(service)).json.group === 'legal');
  const refused = await approve(service, 'sam', approvalId);
  t.equal(refused.status, 403);
  t.match(refused.json.detail, /approved for the group security; by the guardrails of now the group legal/);
  t.same(await sharesOf(service), []);
});

t.test('what waits survives a restart, and is approved after it', async (t) => {
  const service = await start(t);
  const { approvalId } = (await ask(service)).json;
  await service.app.close();
  const restarted = await rebuild(t, service);
  const approved = await approve(restarted, 'sam', approvalId);
  t.equal(approved.status, 200);
  t.match(approved.json, { changeId: approvalId, share: { principal: MARY } });
});

const statusOf = async ({ as }: Service, approvalId: string) =>
  (await as('mary').get(`/v1/approvals/${approvalId}`)).json.status;

/** As a process leaves it that dies right after the decision. */
async function dieAfterDeciding({ app, env }: Service, approvalId: string, from: 'pending' | 'applied') {
  await app.close();
  const database = await connect(env.DATABASE_URL);
  const stored = createApprovalStore({ database, clock: () => new Date() });
  const store = trustSealedApprovals(stored, { seal: SEAL, refused: () => Promise.reject(new Error('not ours')) });
  const identity = { subject: 'sam', issuer: null, method: 'apiKey' as const, groups: ['security'], scopes: [] };
  const by = { identity, source: { ip: null, userAgent: null }, requestId: null, traceId: null };
  const decision = { by, at: new Date().toISOString(), reason: null };
  await store.move(approvalId, from, { status: 'approved', decision, problem: null, left: 'forMe' });
  await database.close();
}

t.test('a process that dies between yes and change loses nothing: the next one makes the change', async (t) => {
  const service = await start(t);
  const { approvalId } = (await ask(service)).json;
  await dieAfterDeciding(service, approvalId, 'pending');
  const next = await rebuild(t, service);
  await until(async () => (await statusOf(next, approvalId)) === 'applied');
  t.same(await trail(next, approvalId), [
    'mary requestApproval applied',
    'sam approve applied',
    'mary share intent',
    'mary share applied',
  ]);
});

t.test('one that dies after the change does not have it made twice', async (t) => {
  const service = await start(t);
  const { as } = service;
  const { approvalId } = (await ask(service)).json;
  const { json } = await approve(service, 'sam', approvalId);
  // Somebody takes it back meanwhile: a second application would bring it again.
  t.equal((await as('mary').delete(`${SHARES}/${json.share.id}`)).status, 200);
  await dieAfterDeciding(service, approvalId, 'applied');
  const next = await rebuild(t, service);
  await until(async () => (await statusOf(next, approvalId)) === 'applied');
  t.same(await sharesOf(next), []);
  t.equal((await trail(next, approvalId)).filter((event: string) => event === 'mary share intent').length, 1);
});

t.test('while AWS is away an approved change stays approved, and is made when AWS is back', async (t) => {
  let proxy: FaultProxy | undefined;
  const service = await start(t, {
    overrides: { aws: { deadlineMs: 4_000 } },
    async endpoint({ url }) {
      proxy = await startFaultProxy({ target: url });
      return proxy.url;
    },
  });
  t.teardown(() => proxy?.close());
  const { app, as } = service;
  const { approvalId } = (await ask(service)).json;
  proxy?.inject('PutResourcePolicy', forGood(throttling));
  const failed = await approve(service, 'sam', approvalId);
  t.match(failed, { status: 503, json: { code: 'aws-throttled' } });
  const waiting = await as('sam').get(`/v1/approvals/${approvalId}`);
  t.match(waiting.json, { status: 'approved', decidedBy: { subject: 'sam' }, problem: { code: 'aws-throttled' } });
  t.match(await approve(service, 'sue', approvalId), {
    status: 409,
    json: { detail: /approved already: sam decided/ },
  });
  proxy?.clear();
  await app.services.approvals.finisher.run();
  t.match((await as('sam').get(`/v1/approvals/${approvalId}`)).json, {
    status: 'applied',
    problem: null,
  });
  t.equal((await sharesOf(service)).length, 1);
  t.same(await trail(service, approvalId), [
    'mary requestApproval applied',
    'sam approve applied',
    'mary share intent',
    'mary share failed',
    'mary share intent',
    'mary share applied',
  ]);
});

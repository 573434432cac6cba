import fc from 'fast-check';
import t from 'tap';
import type { People } from '../callers.ts';
import { documentOf, operationsOf } from '../document.ts';
import { cases, SEED } from '../runs.ts';
import { buildWorldOf } from './callers.ts';
import { requestFor } from './requests.ts';
import { createWorld } from './world.ts';

const RUNS = cases(8, 500, 5_000);

/** Any scopes but the one that counts, and what looks like it; any groups, those that count too. */
const guest: fc.Arbitrary<People[string]> = fc.record({
  subject: fc.constantFrom('admin', 'ann', 'policy:write', 'secret-admins'),
  scopes: fc.subarray(
    [
      'policy:read',
      'audit:read',
      'policy:*',
      '*',
      'Policy:Write',
      'policy:write ',
      'policy:read policy:write',
      'policy',
      'write',
    ],
    { minLength: 1 },
  ),
  groups: fc.subarray(['secret-admins', 'approvers', 'payments', 'platform', 'policy:write', 'admin']),
});
const guests = Object.fromEntries(
  fc.sample(guest, { numRuns: 24, seed: SEED }).map((owner, at) => [`guest${at}`, owner]),
);

const built = await buildWorldOf(t, guests);
const { app, credentials } = built;
const document = documentOf(app);
const world = createWorld(built, credentials);

const as = async (who: 'admin' | 'approver', method: 'POST' | 'GET', url: string, payload?: object) => {
  const answer = await app.inject({ method, url, headers: credentials[who] ?? {}, ...(payload && { payload }) });
  if (answer.statusCode >= 300) throw new Error(answer.body);
  world.learn(answer);
  return answer.json();
};

t.test('without policy:write no sequence of calls changes a policy', async (t) => {
  await world.reset();
  // Nobody of the guests has the name of who asks: one’s own change may be withdrawn.
  const { approvalId } = await as('approver', 'POST', '/v1/secrets/demo%2Fdatabase/restrictions', {
    boundary: { sourceIps: ['192.0.2.1'] },
  });
  await as('admin', 'GET', '/v1/audit-events');
  const before = { policies: world.policies(), applied: await world.lastApplied() };
  const statuses = new Map<number, number>();

  const step = fc.tuple(
    fc.constantFrom(...Object.keys(guests)),
    fc.oneof(
      ...operationsOf(app).map((operation) => ({
        weight: operation.operationId.startsWith('bulk') ? 1 : operation.method === 'GET' ? 60 : 30,
        arbitrary: requestFor(operation, document),
      })),
    ),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 20 }), async (steps) => {
      for (const [caller, plan] of steps) {
        const answer = await world.send({ ...plan, caller });
        statuses.set(answer.statusCode, (statuses.get(answer.statusCode) ?? 0) + 1);
        if (answer.statusCode === 202) await world.untilDone(answer.json().id);
        world.learn(answer);
      }
      const { status } = await as('admin', 'GET', `/v1/approvals/${approvalId}`);
      const after = { policies: world.policies(), applied: await world.lastApplied() };
      if (status !== 'pending') throw new Error(`the approval is ${status}`);
      if (JSON.stringify(after) !== JSON.stringify(before)) throw new Error('a policy was changed');
    }),
    { ...RUNS, endOnFailure: true },
  );
  for (const status of [200, 403]) t.ok((statuses.get(status) ?? 0) > RUNS.numRuns / 2, `${status} was answered often`);
  t.comment([...statuses].map(([status, count]) => `${status}: ${count}`).join(', '));
});

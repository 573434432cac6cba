import fc from 'fast-check';
import t from 'tap';
import type { Owner } from '../hardening/keys.ts';
import { buildWithCallers } from './callers.ts';
import { type Document, operationsOf } from './document.ts';
import { requestFor } from './requests.ts';
import { createWorld } from './world.ts';

const RUNS = Math.ceil(Number(process.env['FUZZ_RUNS'] ?? 5_000) / 40);
const SEED = Number(process.env['FUZZ_SEED'] ?? Date.now() % 2 ** 31);

/** Any scopes but the one that counts, and what looks like it; any groups, those that count too. */
const guest: fc.Arbitrary<Owner> = fc.record({
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

const built = await buildWithCallers(t, guests);
const { app, credentials } = built;
const document = app.swagger() as unknown as Document;
const world = createWorld(built, credentials);

const asAdmin = async (method: 'POST' | 'GET', url: string, payload?: object) => {
  const answer = await app.inject({ method, url, headers: credentials.admin, ...(payload && { payload }) });
  if (answer.statusCode >= 300) throw new Error(answer.body);
  world.learn(answer);
  return answer.json();
};

t.test(
  `without policy:write no sequence of calls changes a policy, seed ${SEED} (FUZZ_SEED)`,
  { timeout: 3_600_000 },
  async (t) => {
    await world.reset();
    const { approvalId } = await asAdmin('POST', '/v1/secrets/demo%2Fdatabase/restrictions', {
      boundary: { sourceIps: ['192.0.2.1'] },
    });
    await asAdmin('GET', '/v1/audit-events');
    const before = { policies: world.policies(), applied: await world.lastApplied() };
    const statuses = new Map<number, number>();

    const step = fc.tuple(
      fc.constantFrom(...Object.keys(guests)),
      fc.oneof(
        ...operationsOf(document).map((operation) => ({
          weight: operation.operationId.startsWith('bulk') ? 1 : operation.method === 'GET' ? 10 : 30,
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
        const { status } = await asAdmin('GET', `/v1/approvals/${approvalId}`);
        const after = { policies: world.policies(), applied: await world.lastApplied() };
        if (status !== 'pending') throw new Error(`the approval is ${status}`);
        if (JSON.stringify(after) !== JSON.stringify(before)) throw new Error('a policy was changed');
      }),
      { numRuns: RUNS, seed: SEED, endOnFailure: true },
    );
    t.ok((statuses.get(200) ?? 0) > 50 && (statuses.get(403) ?? 0) > 50, 'reads were answered, changes were forbidden');
    t.comment([...statuses].map(([status, count]) => `${status}: ${count}`).join(', '));
  },
);

import fc from 'fast-check';
import t from 'tap';
import { createAnswerCheck } from '../answer-check.ts';
import { type ApiOperation, documentOf, operationsOf } from '../document.ts';
import type { Answer } from '../inject.ts';
import { cases, isLong, SEED } from '../runs.ts';
import { buildWorldOf } from './callers.ts';
import { type Plan, requestFor } from './requests.ts';
import { createWorld } from './world.ts';

const RUNS = cases(70, 3_000, 100_000);
/** Somebody else detaches all policies every so often, or most changes would be refused for their size at last. */
const RESET_EVERY = 100;
/** Requests to what has not succeeded by chance, until it does: the fuzz would prove little of what is always refused. */
const FURTHER = 500;
/** So often there is again something to approve and to lift meanwhile: what is wrong in a request may take it away. */
const PREPARE_EVERY = 20;
/** An account that is there, but lets nobody in: the one 5xx that a caller can ask for. */
const TRUSTS_NOBODY = /"detail":"The role of this service may not sts:AssumeRole on arn:aws:iam::999999999999:/;

const built = await buildWorldOf(t);
const document = documentOf(built.app);
const operations = operationsOf(built.app);
const problemOf = createAnswerCheck(document);
const world = createWorld(built, built.credentials);

/** Those whose changes go on in the background. */
const isBulk = (operationId: string) =>
  /^bulk|^applyManifest$|Incident$/.test(operationId) && !operationId.startsWith('get');

/** Whether an answer says that a policy was changed, or will be by what it has begun. */
const saysChanged = (answer: Answer) =>
  answer.statusCode === 202 || (answer.statusCode < 300 && answer.json().changed === true && !answer.json().dryRun);

t.test(`${RUNS.numRuns} requests, good and bad`, async (t) => {
  const seen = new Map<string, Set<number>>(operations.map(({ operationId }) => [operationId, new Set()]));
  /** What was found, once each, with the first request that found it. */
  const found = new Map<string, string>();
  let sent = 0;
  let policies = world.policies();
  let applied = await world.lastApplied();

  const try_ = async (plan: Plan) => {
    const { operationId, method } = plan.operation;
    const find = (what: string, answer?: Answer) => {
      if (found.has(`${operationId}: ${what}`)) return;
      const request = JSON.stringify({ ...plan, operation: operationId }).slice(0, 2_000);
      found.set(`${operationId}: ${what}`, `request ${sent}: ${request} got ${answer?.body.slice(0, 1_000)}`);
    };
    if (sent % RESET_EVERY === 0) {
      await world.reset();
      policies = world.policies();
      applied = await world.lastApplied();
    }
    sent += 1;
    const answer = await world.send(plan);
    seen.get(operationId)?.add(answer.statusCode);
    if (answer.statusCode >= 500 && !TRUSTS_NOBODY.test(answer.body)) find(`answers ${answer.statusCode}`, answer);
    const problem = problemOf(plan.operation, answer);
    if (problem !== undefined) find(problem, answer);
    if (answer.statusCode === 202 && isBulk(operationId))
      await world.untilDone(answer.json().lift?.id ?? answer.json().id);
    const changed = method !== 'GET' && saysChanged(answer);
    if (!changed && world.policies() !== policies) find('changed a policy, and does not say so', answer);
    const last = method === 'GET' ? applied : await world.lastApplied();
    if (!changed && last !== applied) find('wrote `applied` into the audit log, and does not say so', answer);
    policies = world.policies();
    applied = last;
    world.learn(answer);
  };

  const prepare = async () => {
    await world.prepare();
    policies = world.policies();
    applied = await world.lastApplied();
  };

  const requests = fc.oneof(
    ...operations.map((operation) => ({
      // A bulk operation takes up to a second to begin.
      weight: isBulk(operation.operationId) ? 1 : 20,
      arbitrary: requestFor(operation, document),
    })),
  );
  await fc.assert(fc.asyncProperty(requests, try_), { ...RUNS, endOnFailure: true });
  t.equal(sent, RUNS.numRuns, 'all were sent');
  const hasSucceeded = ({ operationId }: ApiOperation) =>
    [...(seen.get(operationId) ?? [])].some((status) => status < 300);
  if (isLong) {
    for (const operation of operations) {
      const more = fc.sample(requestFor(operation, document), { numRuns: FURTHER, seed: SEED });
      for (const [index, plan] of more.entries()) {
        if (hasSucceeded(operation)) break;
        if (index % PREPARE_EVERY === 0) await prepare();
        await try_(plan);
      }
    }
    const never = operations.filter((operation) => !hasSucceeded(operation)).map(({ operationId }) => operationId);
    t.same(never, [], 'all succeeded at least once');
  }
  t.same(Object.fromEntries(found), {});
  t.comment([...seen].map(([id, statuses]) => `${id}: ${[...statuses].sort().join(' ')}`).join('\n'));
});

t.test('the audit log is whole after all that', async (t) => {
  const { statusCode, body } = await built.app.inject({
    url: '/v1/audit-events/verification',
    headers: built.credentials.admin,
  });
  t.equal(statusCode, 200);
  t.match(JSON.parse(body), { intact: true, firstBroken: null });
});

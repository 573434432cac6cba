import t from 'tap';
import { createAwsClients } from '../../src/aws/clients.ts';
import { createSecretPolicies } from '../../src/aws/secrets/secret-policies.ts';
import { allowMary, MARY, policyOf } from '../local-aws/start.ts';
import { eventually, SLACK_MS } from '../wait.ts';
import { accessDenied, forGood, internalServiceError, throttling } from './fault-proxy.ts';
import { problemOf, startAdapters } from './start.ts';

const policy = policyOf(allowMary);

t.test('a throttled call is tried again until AWS takes it', async (t) => {
  const { policies, proxy, arn } = await startAdapters(t);
  proxy.inject('PutResourcePolicy', throttling, (n) => n === 1);
  const receipt = await policies.put(arn, policy);
  t.type(receipt.awsRequestId, 'string');
  t.equal(proxy.calls('PutResourcePolicy'), 2);
  t.match(await policies.get(arn), { Statement: [{ Principal: { AWS: MARY } }] });
});

t.test('throttled for ever, a call ends at the deadline as aws-throttled, and surely nothing happened', async (t) => {
  const { policies, proxy, arn } = await startAdapters(t, { deadlineMs: 4_000 });
  proxy.inject('*', forGood(throttling));
  const began = performance.now();
  const problem = await problemOf(policies.put(arn, policy));
  t.ok(performance.now() - began < 4_000 + SLACK_MS, 'bounded');
  t.match(problem, {
    code: 'aws-throttled',
    retryAfter: 1,
    facts: { awsError: 'ThrottlingException' },
  });
  t.match(problem.facts.awsRequestId, /^fault-/);
  t.equal(problem.facts.uncertain, undefined);
});

t.test('a stalled attempt ends at its own time limit, and the next one may succeed', async (t) => {
  const { policies, proxy, arn } = await startAdapters(t, { callTimeoutMs: 200 });
  proxy.inject('GetResourcePolicy', { do: 'stall', when: 'before' }, (n) => n === 1);
  t.equal(await policies.get(arn), null);
  t.ok(proxy.calls('GetResourcePolicy') >= 2);
});

t.test('an answer that stops half way ends at the time limit too', async (t) => {
  const { policies, proxy, arn } = await startAdapters(t, { callTimeoutMs: 200 });
  proxy.inject('GetResourcePolicy', { do: 'stallHalfWay' }, (n) => n === 1);
  t.equal(await policies.get(arn), null);
  t.ok(proxy.calls('GetResourcePolicy') >= 2);
});

t.test('stalled for ever, a change ends at the deadline as aws-unreachable, and may have happened', async (t) => {
  for (const when of ['before', 'after'] as const) {
    const { policies, proxy, arn } = await startAdapters(t, { callTimeoutMs: 400, deadlineMs: 1000 });
    proxy.inject('PutResourcePolicy', { do: 'stall', when });
    const began = performance.now();
    const problem = await problemOf(policies.put(arn, policy));
    t.ok(performance.now() - began < 1000 + SLACK_MS, 'bounded');
    t.match(problem, { code: 'aws-unreachable', retryAfter: 5, facts: { uncertain: true } });
    const found = await eventually(() => policies.get(arn));
    t.equal(found === null, when === 'before', 'only the policy itself can tell');
  }
});

t.test('a dropped connection is tried again', async (t) => {
  for (const when of ['before', 'after'] as const) {
    const { policies, proxy, arn } = await startAdapters(t);
    proxy.inject('PutResourcePolicy', { do: 'drop', when }, (n) => n === 1);
    await policies.put(arn, policy);
    t.equal(proxy.calls('PutResourcePolicy'), 2);
  }
});

t.test('connections dropped for ever: aws-unreachable, and a change may have happened, a look not', async (t) => {
  const { policies, proxy, arn } = await startAdapters(t, { deadlineMs: 1000 });
  proxy.inject('*', { do: 'drop', when: 'after' });
  t.match(await problemOf(policies.put(arn, policy)), { code: 'aws-unreachable', facts: { uncertain: true } });
  t.match(await problemOf(policies.delete(arn)), { code: 'aws-unreachable', facts: { uncertain: true } });
  t.equal((await problemOf(policies.get(arn))).facts.uncertain, undefined);
});

t.test('a lost answer stays uncertain although a later attempt was surely refused', async (t) => {
  const { policies, proxy, arn } = await startAdapters(t);
  proxy.inject('PutResourcePolicy', { do: 'drop', when: 'after' }, (n) => n === 1);
  proxy.inject('PutResourcePolicy', accessDenied('secretsmanager:PutResourcePolicy'), (n) => n === 2);
  t.match(await problemOf(policies.put(arn, policy)), { code: 'aws-access-denied', facts: { uncertain: true } });
  t.not(await policies.get(arn), null, 'it did happen');
});

t.test('errors of AWS itself are tried again, then told as aws-error', async (t) => {
  const { policies, proxy, arn } = await startAdapters(t);
  proxy.inject('PutResourcePolicy', internalServiceError, (n) => n <= 2);
  await policies.put(arn, policy);
  t.equal(proxy.calls('PutResourcePolicy'), 3);
  const hasty = await startAdapters(t, { deadlineMs: 4_000 });
  hasty.proxy.inject('DeleteResourcePolicy', forGood(internalServiceError));
  const problem = await problemOf(hasty.policies.delete(hasty.arn));
  t.match(problem, { code: 'aws-error', facts: { uncertain: true, awsError: 'InternalServiceError' } });
});

t.test('a missing permission is named, not tried again, and surely nothing happened', async (t) => {
  const { policies, proxy, arn } = await startAdapters(t);
  proxy.inject('ValidateResourcePolicy', accessDenied('secretsmanager:PutResourcePolicy'));
  const problem = await problemOf(policies.validate(arn, policy));
  t.equal(problem.code, 'aws-access-denied');
  t.match(
    problem.message,
    /may not secretsmanager:PutResourcePolicy on arn:aws:.*Allow secretsmanager:PutResourcePolicy/,
  );
  t.equal(problem.facts.uncertain, undefined);
  t.equal(proxy.calls('ValidateResourcePolicy'), 1);
});

t.test('nobody there: aws-unreachable within the deadline, and surely nothing happened', async (t) => {
  const { proxy, arn, clients } = await startAdapters(t);
  const refused = createAwsClients({
    region: 'us-east-1',
    callTimeoutMs: 500,
    deadlineMs: 1000,
    maxClients: 1,
    clock: () => new Date(),
    endpoint: 'http://127.0.0.1:9',
    credentials: { accessKeyId: 'LOCALSERVICE', secretAccessKey: 'any' },
  });
  t.teardown(() => refused.close());
  // Unless the deadline meets an attempt under way: nobody knows what came of that.
  await eventually(async () => {
    const problem = await problemOf(createSecretPolicies(refused).put(arn, policy));
    if (problem.code !== 'aws-unreachable' || problem.facts.uncertain) throw problem;
  });
  t.match(refused.reachability(), { problem: 'aws-unreachable' });
  t.same(clients.reachability(), { lastAnswer: null, problem: null });
  t.equal(proxy.calls(), 0);
});

t.test('a policy that cannot be read is an error and never "no policy"', async (t) => {
  const { policies, proxy, arn } = await startAdapters(t);
  for (const text of ['{"Statement":"none"}', '{"Version":"2012-10-17"', '""', '']) {
    const answer = JSON.stringify({ ARN: arn, Name: 'demo/database', ResourcePolicy: text });
    const takeAway = proxy.inject('GetResourcePolicy', { do: 'reply', body: answer });
    t.match(await problemOf(policies.get(arn)), { code: 'policy-unreadable' }, `refuses ${text}`);
    takeAway();
  }
});

t.test('credentials that AWS does not know are told as such', async (t) => {
  const { policies, arn } = await startAdapters(t, { credentials: { accessKeyId: 'NOBODY', secretAccessKey: 'x' } });
  const problem = await problemOf(policies.get(arn));
  t.equal(problem.code, 'aws-access-denied');
  t.match(problem.message, /did not accept the credentials/);
});

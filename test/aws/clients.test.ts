import { STSClient } from '@aws-sdk/client-sts';
import t from 'tap';
import { createAssumedRoles } from '../../src/aws/assume-role.ts';
import { followed } from '../../src/aws/calls/followed.ts';
import { createAwsClients } from '../../src/aws/clients.ts';
import { createKeys } from '../../src/aws/keys.ts';
import { createSecretPolicies } from '../../src/aws/secrets/secret-policies.ts';
import { PATIENT } from '../helper.ts';
import { allowMary, arnOf, policyOf } from '../local-aws/start.ts';
import { gate, SLACK_MS, until } from '../wait.ts';
import { accessDenied } from './fault-proxy.ts';
import { problemOf, startAdapters } from './start.ts';

const assumeRole = { name: 'secret-access-target', externalId: 'local', ownAccount: '111111111111' };

t.test('one client per account and Region, a name meaning our own', async (t) => {
  const { clients } = await startAdapters(t);
  const at = (account: string, region: string) => `arn:aws:secretsmanager:${region}:${account}:secret:x-AbCdEf`;
  const own = clients.clientsFor('x');
  t.equal(own, clients.clientsFor('other/name'));
  const first = clients.clientsFor(at('111111111111', 'us-east-1'));
  t.equal(first, clients.clientsFor('arn:aws:kms:us-east-1:111111111111:key/1'), 'keys and secrets alike');
  for (const other of [at('333333333333', 'us-east-1'), at('111111111111', 'eu-central-1')]) {
    t.not(clients.clientsFor(other), first);
    t.equal(clients.clientsFor(other), clients.clientsFor(other));
  }
  t.equal(await clients.clientsFor(at('111111111111', 'eu-central-1')).secretsManager.config.region(), 'eu-central-1');
});

t.test("endpoints and credentials come from the SDK's own environment", async (t) => {
  const { proxy, arn } = await startAdapters(t);
  const environment = {
    AWS_ENDPOINT_URL_SECRETS_MANAGER: proxy.url,
    AWS_ENDPOINT_URL_KMS: proxy.url,
    AWS_ENDPOINT_URL_STS: proxy.url,
    AWS_ACCESS_KEY_ID: 'LOCALSERVICE',
    AWS_SECRET_ACCESS_KEY: 'any',
  };
  const before = { ...process.env };
  Object.assign(process.env, environment);
  t.teardown(() => {
    process.env = before;
  });
  const clients = createAwsClients({
    region: 'us-east-1',
    assumeRole: { name: 'secret-access-target', externalId: 'local' },
    ...PATIENT,
    maxClients: 5,
    clock: () => new Date(),
  });
  t.teardown(() => clients.close());
  const { kmsKeyId, region, account } = await createSecretPolicies(clients).describe(arn);
  t.match(await createKeys(clients).describe(kmsKeyId ?? '', region, account), { manager: 'CUSTOMER' });
  for (const operation of ['DescribeSecret', 'DescribeKey', 'GetCallerIdentity']) t.equal(proxy.calls(operation), 1);
});

t.test('partitions are never crossed', async (t) => {
  const { clients, policies, proxy } = await startAdapters(t);
  for (const [partition, region] of [
    ['aws-cn', 'cn-north-1'],
    ['aws-us-gov', 'us-gov-west-1'],
    ['aws', 'cn-north-1'],
    ['aws-cn', 'us-east-1'],
  ]) {
    const arn = `arn:${partition}:secretsmanager:${region}:111111111111:secret:x-AbCdEf`;
    t.equal((await problemOf(policies.describe(arn))).code, 'partition-mismatch');
  }
  t.equal(proxy.calls(), 0);
  const { clients: china } = await startAdapters(t, { region: 'cn-north-1' });
  t.ok(china.clientsFor('arn:aws-cn:secretsmanager:cn-northwest-1:111111111111:secret:x-AbCdEf'));
  t.throws(() => china.clientsFor('arn:aws:secretsmanager:us-east-1:111111111111:secret:x-AbCdEf'), {
    code: 'partition-mismatch',
  });
  t.ok(clients);
});

t.test('what would not be a Region in a host name is refused', async (t) => {
  const { policies, proxy } = await startAdapters(t);
  for (const [region, account] of [
    ['us-east-1.evil.example/', '111111111111'],
    ['evil', '111111111111'],
    ['', '111111111111'],
    ['us-east-1', ''],
    ['us-east-1', '12'],
  ]) {
    const problem = await problemOf(policies.describe(`arn:aws:secretsmanager:${region}:${account}:secret:x-AbCdEf`));
    t.equal(problem.code, 'validation-failed');
  }
  t.equal((await problemOf(policies.describe('arn:nonsense'))).code, 'validation-failed');
  t.equal(proxy.calls(), 0);
});

t.test('a secret of another account is reached through its role, with one AssumeRole at a time', async (t) => {
  const { local, policies, proxy } = await startAdapters(t, { assumeRole });
  const arn = arnOf(local, 'demo/other-account', 'LOCALOTHEROWNER');
  const seen = await Promise.all(Array.from({ length: 10 }, () => policies.describe(arn)));
  t.ok(seen.every(({ account, arn: seenArn }) => account === '333333333333' && seenArn === arn));
  await policies.put(arn, policyOf(allowMary));
  t.match(await policies.get(arn), { Statement: [{ Effect: 'Allow' }] });
  t.equal(proxy.calls('AssumeRole'), 1);
  t.equal((await policies.describe(arnOf(local, 'demo/database'))).account, '111111111111');
  t.equal(proxy.calls('AssumeRole'), 1, 'our own account needs none');
  t.equal(proxy.calls('GetCallerIdentity'), 0, 'the account was given');
});

t.test('our own account is asked of STS when it is not given, once', async (t) => {
  const { local, policies, proxy } = await startAdapters(t, {
    assumeRole: { name: 'secret-access-target', externalId: 'local' },
  });
  proxy.inject('GetCallerIdentity', accessDenied('sts:GetCallerIdentity'), (n) => n === 1);
  const other = arnOf(local, 'demo/other-account', 'LOCALOTHEROWNER');
  t.equal((await problemOf(policies.describe(other))).code, 'aws-access-denied');
  await Promise.all([policies.describe(arnOf(local, 'demo/database')), policies.describe(other)]);
  await policies.describe(other);
  t.equal(proxy.calls('GetCallerIdentity'), 2, 'a failure is not remembered, an answer is');
});

t.test('without the role or its external id, the problem names AssumeRole and the role', async (t) => {
  for (const role of [
    { name: 'secret-access-target', externalId: 'wrong' },
    { name: 'secret-access-target' },
    { name: 'no-such-role', externalId: 'local' },
  ]) {
    const { local, policies, proxy } = await startAdapters(t, { assumeRole: { ...role, ownAccount: '111111111111' } });
    const arn = arnOf(local, 'demo/other-account', 'LOCALOTHEROWNER');
    const problem = await problemOf(policies.put(arn, policyOf(allowMary)));
    t.equal(problem.code, 'aws-access-denied');
    t.match(problem.message, `sts:AssumeRole on arn:aws:iam::333333333333:role/${role.name}`);
    t.equal(problem.facts.uncertain, undefined);
    t.equal(proxy.calls('PutResourcePolicy'), 0);
  }
});

t.test('without a role, other accounts are asked with our own credentials', async (t) => {
  const { local, policies } = await startAdapters(t);
  const arn = arnOf(local, 'demo/other-account', 'LOCALOTHEROWNER');
  t.match((await problemOf(policies.get(arn))).message, /may not secretsmanager:GetResourcePolicy/);
});

t.test('an STS that stalls does not hold a call longer than its deadline', async (t) => {
  const { local, policies, proxy } = await startAdapters(t, { assumeRole, deadlineMs: 600, callTimeoutMs: 400 });
  proxy.inject('AssumeRole', { do: 'stall', when: 'before' });
  const arn = arnOf(local, 'demo/other-account', 'LOCALOTHEROWNER');
  const began = performance.now();
  const problem = await problemOf(policies.put(arn, policyOf(allowMary)));
  t.ok(performance.now() - began < 600 + SLACK_MS);
  t.equal(problem.code, 'aws-unreachable');
  t.equal(problem.facts.uncertain, undefined, 'the Put was never sent');
  proxy.clear();
  await new Promise((resolve) => setTimeout(resolve, 500));
  t.equal(proxy.calls('PutResourcePolicy'), 0, 'and is not sent later');
});

t.test('temporary credentials are renewed before they expire, and used on while STS is down', async (t) => {
  const { clients, proxy } = await startAdapters(t);
  const now = new Date();
  const sts = followed(
    new STSClient({
      region: 'us-east-1',
      endpoint: proxy.url,
      maxAttempts: 1,
      credentials: { accessKeyId: 'LOCALSERVICE', secretAccessKey: 'any' },
    }),
  );
  t.teardown(() => sts.destroy());
  const roles = createAssumedRoles({
    ...{ sts, call: clients.call, role: assumeRole, clock: () => now },
    ownAccount: { ask: async () => assumeRole.ownAccount },
  });
  const credentials = () => roles('aws', '333333333333')();
  const minutesLater = (minutes: number) => now.setTime(now.getTime() + minutes * 60_000);

  const first = await credentials();
  minutesLater(50);
  t.equal(await credentials(), first);
  minutesLater(5);
  const repair = proxy.inject('AssumeRole', accessDenied('sts:AssumeRole'));
  t.equal(await credentials(), first, 'STS refuses; five minutes are left');
  await until(() => proxy.calls('AssumeRole') === 2);
  minutesLater(4.8);
  await new Promise((resolve) => setTimeout(resolve, 50));
  t.equal((await problemOf(credentials())).code, 'aws-access-denied', 'now it matters');
  repair();
  const second = await credentials();
  t.not(second.accessKeyId, first.accessKeyId);
  now.setTime(Date.now());
  t.equal(await credentials(), second);
});

t.test('the cache is bounded, and forgetting a client disturbs no call that it has in flight', async (t) => {
  const now = new Date();
  const { policies, proxy, clients, arn } = await startAdapters(t, { maxClients: 2, clock: () => now });
  const forgotten = gate();
  proxy.inject('PutResourcePolicy', { do: 'hook', run: () => forgotten.passed });
  const put = policies.put(arn, policyOf(allowMary));
  await until(() => proxy.calls('PutResourcePolicy') === 1);
  // So long ago that its pace has nothing to remember.
  now.setTime(now.getTime() + 1_000);
  const used = clients.clientsFor(arn);
  for (const region of ['eu-west-1', 'eu-west-2', 'eu-west-3']) {
    clients.clientsFor(`arn:aws:secretsmanager:${region}:111111111111:secret:x-AbCdEf`);
  }
  t.not(clients.clientsFor(arn), used, 'forgotten');
  forgotten.open();
  await put;
  t.equal(proxy.calls('PutResourcePolicy'), 1);
});

t.test('policy calls stay under the rate; the ones that are not policy calls are not held back', async (t) => {
  const now = new Date();
  const { policies, proxy, arn } = await startAdapters(t, { requestsPerSecond: 20, clock: () => now });
  const held = Promise.all(Array.from({ length: 25 }, () => policies.get(arn)));
  await Promise.all(Array.from({ length: 50 }, () => policies.describe(arn)));
  await until(() => proxy.calls('GetResourcePolicy') === 3);
  t.equal(proxy.calls(), 53, 'three at once; time stands still');
  const began = now.getTime();
  const passing = setInterval(() => now.setTime(now.getTime() + 10), 5);
  await held.finally(() => clearInterval(passing));
  t.ok(now.getTime() - began >= 22 * 50, 'then 20 a second');
  t.equal(proxy.calls(), 75);
});

t.test(
  'a name and an ARN of one account draw on one bucket; another account has its own where a role is assumed',
  async (t) => {
    const now = new Date();
    const limits = { requestsPerSecond: 20, clock: () => now };
    const role = { name: 'secret-access-target', externalId: 'local' };
    const { local, policies, proxy, arn, clients } = await startAdapters(t, { ...limits, assumeRole: role });
    const other = arnOf(local, 'demo/other-account', 'LOCALOTHEROWNER');
    await policies.describe(arn);
    t.equal(clients.clientsFor('demo/database').pace, clients.clientsFor(arn).pace);
    t.not(clients.clientsFor(other).pace, clients.clientsFor(arn).pace);
    t.not(
      clients.clientsFor(arn.replace('us-east-1', 'eu-west-1')).pace,
      clients.clientsFor(arn).pace,
      'Regions apart',
    );
    const calls = Array.from({ length: 6 }, (_, index) => policies.get(index % 2 === 0 ? arn : 'demo/database'));
    await until(() => proxy.calls('GetResourcePolicy') === 3);
    await policies.get(other);
    t.equal(proxy.calls('GetResourcePolicy'), 4, 'three of the one account at once; time stands still');
    now.setTime(now.getTime() + 1_000);
    await Promise.all(calls);
  },
);

t.test(
  'without a role to assume every call counts against our own account: all owners’ secrets share a bucket',
  async (t) => {
    const { clients, arn } = await startAdapters(t);
    const { pace } = clients.clientsFor(arn);
    t.equal(clients.clientsFor('demo/database').pace, pace);
    t.equal(clients.clientsFor(arn.replace('111111111111', '333333333333')).pace, pace);
    t.not(clients.clientsFor(arn.replace('us-east-1', 'eu-west-1')).pace, pace);
  },
);

t.test('a bucket that is in use is remembered although its clients are forgotten', async (t) => {
  const now = new Date();
  const { clients, policies, arn } = await startAdapters(t, { maxClients: 1, clock: () => now });
  const { pace } = clients.clientsFor(arn);
  await policies.get(arn);
  for (const region of ['eu-west-1', 'eu-west-2']) clients.clientsFor(arn.replace('us-east-1', region)).pace.isIdle();
  t.equal(clients.clientsFor(arn).pace, pace);
  now.setTime(now.getTime() + 60_000);
  for (const region of ['eu-west-1', 'eu-west-2']) clients.clientsFor(arn.replace('us-east-1', region)).pace.isIdle();
  t.not(clients.clientsFor(arn).pace, pace, 'an idle one has nothing to remember');
});

t.test('a flood beyond the queue is refused as aws-throttled without asking AWS', async (t) => {
  const now = new Date();
  const limits = { requestsPerSecond: 8, deadlineMs: 1000, clock: () => now };
  const { policies, proxy, arn } = await startAdapters(t, limits);
  await policies.get(arn).catch(() => undefined);
  const before = proxy.calls();
  // Time stands still: eight wait in vain until the deadline, the others are refused at once.
  const answers = await Promise.allSettled(Array.from({ length: 40 }, () => policies.get(arn)));
  const refused = answers.filter((answer) => answer.status === 'rejected');
  t.equal(refused.length, 40);
  t.ok(refused.every(({ reason }) => reason.code === 'aws-throttled' && reason.retryAfter >= 1));
  t.equal(proxy.calls(), before);
});

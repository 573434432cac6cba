import t, { type Test } from 'tap';
import { accessDenied, type Fault, forGood, internalServiceError, throttling } from '../aws/fault-proxy.ts';
import { isLong } from '../runs.ts';
import { SLACK_MS } from '../wait.ts';
import { startInProcess } from './in-process.ts';

const SHARES = '/v1/secrets/demo%2Fdatabase/shares';
const POLICY = '/v1/secrets/demo%2Fdatabase/policy';
const ACCOUNT = '300000000001';
const share = { principal: ACCOUNT };
/**
 * Milliseconds that AWS may take, which no busy machine takes for a call without a fault; and what an answer of ours may take in all:
 * two calls, and the look what came of them.
 */
const DEADLINE = 4_000;
const IN_TIME = 2 * DEADLINE + SLACK_MS;

const start = (t: Test) => startInProcess(t, { aws: { callTimeoutMs: DEADLINE / 2, deadlineMs: DEADLINE } });

t.test('throttled for ever: 503 aws-throttled with Retry-After, within the deadline', async (t) => {
  for (const operation of ['GetResourcePolicy', 'PutResourcePolicy']) {
    await t.test(operation, async (t) => {
      const { call, proxy, shares, outcomes } = await start(t);
      proxy.inject(operation, forGood(throttling));
      const begun = performance.now();
      const answer = await call('POST', SHARES, share);
      t.ok(performance.now() - begun < IN_TIME, 'in time');
      t.match(answer, { status: 503, json: { code: 'aws-throttled', retryable: true } });
      t.match(answer.headers['retry-after'], /^\d+$/);
      proxy.clear();
      t.equal(await shares(), 0);
      t.same(await outcomes(), operation === 'GetResourcePolicy' ? [] : ['share failed (aws-throttled)']);
    });
  }
});

t.test('an AWS that stalls: 503 aws-unreachable with Retry-After, in time', async (t) => {
  for (const operation of isLong ? ['*', 'PutResourcePolicy'] : ['*']) {
    await t.test(operation, async (t) => {
      const { call, proxy, shares, outcomes } = await start(t);
      proxy.inject(operation, { do: 'stall', when: 'before' });
      const begun = performance.now();
      const answer = await call('POST', SHARES, share);
      t.ok(performance.now() - begun < IN_TIME, 'in time');
      t.match(answer, { status: 503, json: { code: 'aws-unreachable', retryable: true } });
      t.match(answer.headers['retry-after'], /^\d+$/);
      proxy.clear();
      t.equal(await shares(), 0);
      t.same(await outcomes(), operation === '*' ? [] : ['share failed (aws-unreachable)']);
    });
  }
});

t.test(
  'an AWS that falls silent after the Put: 503 in time; the outcome, and the answer, follow when it is back',
  async (t) => {
    const { call, proxy, outcomes, intents } = await start(t);
    proxy.inject('PutResourcePolicy', { do: 'stall', when: 'after' });
    // The look before the change passes; the looks after it don't.
    proxy.inject('GetResourcePolicy', { do: 'stall', when: 'before' }, (n) => n > 1);
    const begun = performance.now();
    const headers = { 'idempotency-key': 'silence' };
    const answer = await call('POST', SHARES, share, headers);
    t.ok(performance.now() - begun < IN_TIME, 'in time');
    t.match(answer, { status: 503, json: { code: 'aws-unreachable', detail: /not known yet/ } });
    t.same(await outcomes(), [], 'what is not known is not put on record as if it were');
    proxy.clear();
    const again = await call('POST', SHARES, share, headers);
    t.match(again, { status: 201, json: { changed: true, changeId: (await intents())[0]?.changeId } });
    t.same(await outcomes(), ['share applied']);
    t.equal(proxy.calls('PutResourcePolicy'), 0);
  },
);

t.test('a Put whose answer is lost every time stands, and is answered as what it is', async (t) => {
  const lost: Fault[] = [
    { do: 'drop', when: 'after' },
    { do: 'stall', when: 'after' },
  ];
  for (const fault of lost) {
    await t.test(fault.do, async (t) => {
      const { call, proxy, shares, outcomes } = await start(t);
      proxy.inject('PutResourcePolicy', fault);
      t.match(await call('POST', SHARES, share), { status: 201, json: { changed: true } });
      t.equal(await shares(), 1);
      t.same(await outcomes(), ['share applied']);
    });
  }
});

t.test('a Put that never arrives fails, and its outcome says so', async (t) => {
  const { call, proxy, shares, outcomes } = await start(t);
  proxy.inject('PutResourcePolicy', { do: 'drop', when: 'before' });
  t.match(await call('POST', SHARES, share), {
    status: 503,
    json: { code: 'aws-unreachable', detail: /was not changed/ },
  });
  t.same(await outcomes(), ['share failed (aws-unreachable)']);
  proxy.clear();
  t.equal(await shares(), 0);
  t.equal((await call('POST', SHARES, share)).status, 201);
});

t.test('the lost Put of a revocation is settled by reading, too, and repeating it with its key is right', async (t) => {
  const { call, proxy, outcomes } = await start(t);
  const { json } = await call('POST', SHARES, share);
  proxy.inject('DeleteResourcePolicy', { do: 'drop', when: 'after' });
  const headers = { 'idempotency-key': 'revoke' };
  const revoke = () => call('DELETE', `${SHARES}/${json.share.id}`, undefined, headers);
  const first = await revoke();
  t.match(first, { status: 200, json: { changed: true, policy: null } });
  t.same((await revoke()).json, first.json);
  t.same(await outcomes(), ['revoke applied', 'share applied']);
});

t.test('a policy that can’t be read is never taken for "no policy": nothing is put', async (t) => {
  const { call, proxy, aws, intents } = await start(t);
  const foreign = { Effect: 'Deny', Principal: '*', Action: 'secretsmanager:DeleteSecret', Resource: '*' };
  const attached = JSON.stringify({ Version: '2012-10-17', Statement: [foreign] });
  const arn = (await call('GET', '/v1/secrets/demo%2Fdatabase')).json.arn;
  const owner = (operation: string, input: object) =>
    aws.call('LOCALOWNER', 'us-east-1', 'secretsmanager', operation, { SecretId: arn, ...input });
  owner('PutResourcePolicy', { ResourcePolicy: attached });
  const before = owner('GetResourcePolicy', {})['ResourcePolicy'];
  const faults: Fault[] = [
    internalServiceError,
    throttling,
    accessDenied('secretsmanager:GetResourcePolicy'),
    { do: 'drop', when: 'before' },
    { do: 'drop', when: 'after' },
    { do: 'stall', when: 'before' },
    { do: 'stallHalfWay' },
    { do: 'reply', body: '{"ResourcePolicy":' },
    { do: 'reply', body: '' },
    { do: 'reply', body: '<html>503 from a load balancer</html>' },
    { do: 'answer', status: 400, error: 'UnheardOfException' },
    { do: 'answer', status: 200, error: 'InternalServiceError' },
  ];
  const unreadable = ['', 'null'].map(
    (text): Fault => ({ do: 'reply', body: JSON.stringify({ ARN: arn, ResourcePolicy: text }) }),
  );
  for (const fault of [...faults, ...unreadable]) {
    proxy.clear();
    proxy.inject('GetResourcePolicy', fault);
    const name = JSON.stringify(fault).slice(0, 80);
    const isUnreadable = unreadable.includes(fault);
    const answers = await Promise.all([
      call('POST', SHARES, share),
      call('PUT', POLICY, { Version: '2012-10-17', Statement: [foreign] }, { 'if-none-match': '*' }),
    ]);
    for (const { status, json } of answers) {
      if (isUnreadable) t.match({ status, json }, { status: 409, json: { code: 'policy-unreadable' } }, name);
      else t.ok(status >= 500, `${name}: ${status} ${json?.code}`);
    }
    t.equal(proxy.calls('PutResourcePolicy'), 0, `${name}: nothing is put`);
  }
  t.equal(owner('GetResourcePolicy', {})['ResourcePolicy'], before);
  t.same(await intents(), []);
});

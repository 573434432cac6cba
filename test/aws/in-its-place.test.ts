import t from 'tap';
import { accessDenied, type Fault } from './fault-proxy.ts';
import { problemOf, startAdapters } from './start.ts';

/** Proxies, firewalls and captive portals answer in AWS's place, and in HTML. */
const html = (status: number): Fault => ({ do: 'reply', status, type: 'text/html', body: '<html>Sign in</html>' });

t.test(
  'what something else answers in AWS’s place is not taken for AWS’s answer, and the way is to blame',
  async (t) => {
    const { policies, proxy, arn } = await startAdapters(t, { deadlineMs: 30_000 });
    for (const status of [200, 302, 400, 403, 404, 407]) {
      const takeAway = proxy.inject('*', html(status));
      const calls = [policies.describe(arn), policies.get(arn), policies.validate(arn, '{}')];
      for (const problem of await Promise.all(calls.map(problemOf))) {
        t.match(problem, { code: 'aws-error', facts: { uncertain: undefined, awsError: undefined } }, `${status}`);
        t.match(problem.message, /in its place, with HTTP status \d+\. Check the proxies/);
      }
      const put = await problemOf(policies.put(arn, '{}'));
      t.equal(put.facts.uncertain, status < 400 ? true : undefined, 'who refuses passes nothing on');
      takeAway();
    }
  },
);

t.test('a gateway that can’t get to AWS passes: aws-unreachable, and a change may have happened', async (t) => {
  const { policies, proxy, arn, clients } = await startAdapters(t, { deadlineMs: 5_000 });
  proxy.inject('*', html(503), (n) => n === 1);
  t.equal(await policies.get(arn), null, 'it is tried again');
  proxy.inject('*', html(504));
  const problem = await problemOf(policies.put(arn, '{}'));
  t.match(problem, { code: 'aws-unreachable', retryAfter: 5, facts: { uncertain: true } });
  t.match(problem.message, /Something before AWS .* with HTTP status 504\. Try again shortly/);
  t.equal(clients.reachability().problem, 'aws-unreachable');
});

t.test('an answer without a secret, or without a verdict, is nobody’s', async (t) => {
  const { policies, proxy, arn } = await startAdapters(t);
  for (const body of ['', '{}', 'null', '[]']) {
    const takeAway = proxy.inject('*', { do: 'reply', body });
    for (const problem of [await problemOf(policies.get(arn)), await problemOf(policies.validate(arn, '{}'))])
      t.match(problem, { code: 'aws-error', message: /as if something before AWS gave it/ }, body);
    takeAway();
  }
});

t.test('what AWS answers stays AWS’s, STS’s too', async (t) => {
  const assumeRole = { name: 'secret-access-target', externalId: 'local', ownAccount: '222222222222' };
  const { policies, proxy, arn } = await startAdapters(t, { assumeRole, deadlineMs: 30_000 });
  proxy.inject('AssumeRole', html(403), (n) => n === 1);
  t.match(await problemOf(policies.describe(arn)), { code: 'aws-error', message: /sts:AssumeRole in its place/ });
  proxy.inject('DescribeSecret', accessDenied('secretsmanager:DescribeSecret'));
  t.match(await problemOf(policies.describe(arn)), { code: 'aws-access-denied' });
});

import t, { type Test } from 'tap';
import type { AwsClientOptions } from '../../src/aws/clients.ts';
import { createEnabledRegions } from '../../src/aws/enabled-regions.ts';
import type { Fault } from './fault-proxy.ts';
import { problemOf, startAdapters } from './start.ts';

const ACCOUNT = '111111111111';

async function started(t: Test, options?: Partial<AwsClientOptions>) {
  const { clients, proxy, local } = await startAdapters(t, options);
  const regions = createEnabledRegions({ clients, region: 'us-east-1', endpoint: proxy.url });
  return { regions, proxy, local, clients };
}

t.test('an account says which Regions it has enabled, with its own role where one is assumed', async (t) => {
  const { regions, local } = await started(t, {
    assumeRole: { name: 'secret-access-target', externalId: 'local', ownAccount: ACCOUNT },
  });
  t.equal((await regions(ACCOUNT)).length, 17, 'those that nobody has to opt in to');
  local.accounts.setRegions('333333333333', ['us-east-1', 'ap-southeast-5', 'eu-west-1']);
  t.strictSame(await regions('333333333333'), ['ap-southeast-5', 'eu-west-1', 'us-east-1']);
});

t.test('who may not, and what goes wrong, is told in plain words', async (t) => {
  const { regions, proxy, local, clients } = await started(t);
  local.directory.setIdentityPolicies(`arn:aws:iam::${ACCOUNT}:role/secret-access-service`, []);
  t.match(await problemOf(regions(ACCOUNT)), { code: 'aws-access-denied', facts: { missing: 'ec2:DescribeRegions' } });
  const html: Fault = { do: 'reply', type: 'text/html', body: '<html>Sign in</html>' };
  const none = '<DescribeRegionsResponse><requestId>r</requestId><regionInfo/></DescribeRegionsResponse>';
  for (const [fault, problem] of [
    [html, { code: 'aws-error', message: /in its place, with HTTP status 200/ }],
    [{ ...html, status: 503 }, { code: 'aws-unreachable' }],
    [
      { do: 'reply', type: 'text/xml', body: none },
      { code: 'aws-error', message: /no Region/ },
    ],
    [{ do: 'drop', when: 'before' }, { code: 'aws-unreachable' }],
  ] satisfies [Fault, object][]) {
    const takeAway = proxy.inject('DescribeRegions', fault);
    t.match(await problemOf(regions(ACCOUNT)), problem);
    takeAway();
  }
  proxy.inject('DescribeRegions', {
    ...{ do: 'reply', status: 503, type: 'text/xml' },
    body: '<Response><Errors><Error><Code>RequestLimitExceeded</Code><Message>m</Message></Error></Errors><RequestID>r</RequestID></Response>',
  });
  t.match(await problemOf(regions(ACCOUNT)), { code: 'aws-throttled', facts: { awsRequestId: 'r' } });
  t.equal(proxy.calls('DescribeRegions'), 6, 'each was one attempt');
  t.equal(clients.reachability().problem, null, 'AWS answered');
});

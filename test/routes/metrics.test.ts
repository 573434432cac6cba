import { readFileSync } from 'node:fs';
import { DeleteResourcePolicyCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import t from 'tap';
import { problemCodes } from '../../src/problems/table.ts';
import { type FaultProxy, startFaultProxy } from '../aws/fault-proxy.ts';
import { buildWithCallers } from '../callers.ts';
import { MARY } from '../helper.ts';
import { gate, until } from '../wait.ts';

const groups = ['secret-admins'];
const ann = { subject: 'ann@example.org', groups };
let proxy: FaultProxy | undefined;
const { app, as, call, aws } = await buildWithCallers(
  t,
  { ann, bob: { groups, scopes: ['policy:read'] } },
  {
    async endpoint({ url }) {
      proxy = await startFaultProxy({ target: url });
      return proxy.url;
    },
  },
);
t.teardown(() => proxy?.close());

/** Every series: its name with its labels in the order of the alphabet, and its value. */
async function scrape(): Promise<Map<string, number>> {
  const { body } = await call('GET', '/metrics');
  return new Map(
    [...body.matchAll(/^([a-z_]+)(?:\{(.*)\})? (\S+)$/gm)].map(([, name = '', labels = '', value]) => [
      labels === ''
        ? name
        : `${name}{${labels
            .split(/,(?=\w+=")/)
            .sort()
            .join()}}`,
      Number(value),
    ]),
  );
}
const SHARES = '/v1/secrets/demo%2Fdatabase/shares';
const inHours = (hours: number) => new Date(Date.now() + hours * 3_600_000).toISOString();

t.test('anybody who reaches the port may scrape, in the format of Prometheus', async (t) => {
  const { status, headers } = await call('GET', '/metrics');
  t.equal(status, 200);
  t.match(headers['content-type'], /^text\/plain; version=0\.0\.4/);
});

t.test('what alerts look for is there before the first', async (t) => {
  const series = await scrape();
  for (const code of problemCodes) t.ok(series.has(`secret_access_problems_total{code="${code}"}`), code);
  t.equal(series.get('secret_access_problems_total{code="internal-error"}'), 0);
  t.equal(series.get('secret_access_unauthentic_stored_total{kind="operation"}'), 0);
  t.equal(series.get('secret_access_guardrail_refusals_total{action="share"}'), 0);
  t.equal(series.get('secret_access_drift_total'), 0);
  t.equal(series.get('secret_access_bulk_oldest_operation_seconds'), 0);
});

t.test('requests are counted by the pattern of their route, whatever was asked for', async (t) => {
  for (const secret of ['one', 'two', 'three']) await as('ann').get(`/v1/secrets/${secret}`);
  await call('GET', '/nowhere/at/all');
  const series = await scrape();
  t.equal(
    series.get('http_request_duration_seconds_count{method="GET",route="/v1/secrets/:secretId",status="404"}'),
    3,
  );
  t.equal(series.get('http_request_duration_seconds_count{method="GET",route="none",status="404"}'), 1);
  t.equal(series.get('secret_access_problems_total{code="secret-not-found"}'), 3);
});

t.test('a change shows in its outcome, its cycle, its calls to AWS, and the journal', async (t) => {
  const bodies = [
    { principal: MARY, expiresAt: inHours(5) },
    { principal: '222222222222', expiresAt: inHours(100) },
  ];
  for (const body of bodies) t.equal((await as('ann').post(SHARES, body)).status, 201);
  t.equal((await as('ann').post(SHARES, bodies[0])).status, 200);
  const series = await scrape();
  t.equal(series.get('secret_access_changes_total{action="share",outcome="applied"}'), 2);
  t.equal(series.get('secret_access_changes_total{action="share",outcome="unchanged"}'), 1);
  t.equal(series.get('secret_access_cycle_changes_count'), 3);
  t.equal(series.get('secret_access_cycle_changes_bucket{le="1"}'), 3);
  t.equal(series.get('secret_access_cycle_seconds_count{outcome="ok"}'), 3);
  t.equal(series.get('secret_access_lock_wait_seconds_count{outcome="ok"}'), 3);
  t.equal(series.get('secret_access_audit_append_seconds_count{outcome="ok"}'), 5, 'two intents, three outcomes');
  const put = 'operation="secretsmanager:PutResourcePolicy"';
  t.equal(series.get(`secret_access_aws_call_seconds_count{${put},outcome="ok"}`), 2);
  t.equal(series.get('secret_access_audit_last_sequence'), 5);
  t.equal(series.get('secret_access_audit_open_intents'), 0);
  t.equal(series.get('secret_access_audit_oldest_open_intent_seconds'), 0);
  t.equal(series.get('secret_access_queue_depth'), 0);
  t.equal(series.get('secret_access_expiring{within="24h"}'), 1);
  t.equal(series.get('secret_access_expiring{within="7d"}'), 2);
});

t.test('changes of one moment share a cycle', async (t) => {
  const before = await scrape();
  const denials = Array.from({ length: 20 }, (_, at) => ({ account: `3000000000${10 + at}` }));
  const all = gate();
  proxy?.inject('GetResourcePolicy', { do: 'hook', run: () => all.passed }, (n) => n === 1);
  const answers = denials.map((body) => as('ann').post('/v1/secrets/demo%2Fapi-key/denials', body));
  await until(() => app.services.policyChanger.depth === 20);
  all.open();
  await Promise.all(answers);
  const after = await scrape();
  const grown = (name: string) => (after.get(name) ?? 0) - (before.get(name) ?? 0);
  t.equal(grown('secret_access_cycle_changes_sum'), 20);
  t.ok(grown('secret_access_cycle_changes_count') <= 2, 'what comes during the first cycle shares the second');
});

t.test('what guardrails forbid is counted apart', async (t) => {
  t.equal((await as('bob').post(SHARES, { principal: '444444444444' })).status, 403);
  const series = await scrape();
  t.equal(series.get('secret_access_guardrail_refusals_total{action="share"}'), 1);
  t.equal(series.get('secret_access_changes_total{action="share",outcome="refused"}'), 1);
  t.equal(series.get('secret_access_problems_total{code="forbidden"}'), 1);
});

t.test('a policy that somebody else changed is drift, and no change of ours', async (t) => {
  const owner = new SecretsManagerClient({
    region: 'us-east-1',
    endpoint: aws.url,
    credentials: { accessKeyId: 'LOCALOWNER', secretAccessKey: 'x' },
  });
  await owner.send(new DeleteResourcePolicyCommand({ SecretId: 'demo/database' }));
  owner.destroy();
  await as('ann').post(SHARES, { principal: '555555555555' });
  const series = await scrape();
  t.equal(series.get('secret_access_drift_total'), 1);
  t.notOk([...series.keys()].some((name) => name.includes('action="drift"')));
});

t.test('bulk items are counted until they are done', async (t) => {
  const items = Array.from({ length: 5 }, (_, at) => ({ secretId: 'demo/api-key', principal: `6000000000${10 + at}` }));
  await as('ann').post('/v1/bulk/shares', { items });
  t.equal((await scrape()).get('secret_access_bulk_items_pending'), 5);
  await until(async () => (await scrape()).get('secret_access_bulk_items_pending') === 0);
});

t.test('no label holds a name of a secret or of a caller, and the guide names the labels that there are', async (t) => {
  const { body } = await call('GET', '/metrics');
  for (const name of ['demo/database', 'demo%2Fdatabase', 'arn:aws', 'ann@example.org', 'Mary', '111111111111']) {
    t.notOk(body.includes(name), name);
  }
  const labels = new Map<string, Set<string>>();
  for (const [, name = '', list = ''] of body.matchAll(
    /^((?:secret_access|http)_[a-z_]+?)(?:_bucket|_sum|_count)?\{(.*)\} /gm,
  )) {
    const seen = labels.get(name) ?? new Set();
    labels.set(name, seen);
    for (const [, label = ''] of list.matchAll(/(\w+)="/g)) if (label !== 'le') seen.add(label);
  }
  const guide = readFileSync('docs/operations.md', 'utf8');
  for (const [name, seen] of labels) {
    const [, cell = ''] = new RegExp(`^\\| \`${name}\` \\|([^|]*)\\|`, 'm').exec(guide) ?? [];
    const told = [...cell.replace(/\(.*?\)/g, '').matchAll(/`(\w+)`/g)].map(([, label]) => label);
    t.same([...seen].sort(), told.sort(), name);
  }
  t.ok(labels.size > 8);
});

t.test('two apps of one process count apart', async (t) => {
  const other = await buildWithCallers(t, { ann });
  const { body } = await other.call('GET', '/metrics');
  t.notMatch(body, /secret_access_changes_total\{/);
  t.not(other.app, app);
});

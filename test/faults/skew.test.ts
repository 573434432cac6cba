import t, { type Test } from 'tap';
import { startLocalAws } from '../../src/local-aws/index.ts';
import { seed } from '../../src/local-aws/seed.ts';
import { startFaultProxy } from '../aws/fault-proxy.ts';
import { build } from '../helper.ts';
import { startPostgres } from '../postgres.ts';
import { gate } from '../wait.ts';

const SHARES = '/v1/secrets/demo%2Fdatabase/shares';
const HOUR = 3_600_000;
const postgres = await startPostgres(t);

/** Two replicas whose clocks are an hour wrong, one each way. */
async function start(t: Test) {
  const aws = await startLocalAws({ port: 0, file: ':memory:' });
  t.teardown(() => aws.close());
  seed(aws);
  const proxy = await startFaultProxy({ target: aws.url });
  t.teardown(() => proxy.close());
  const env = { DATABASE_URL: await postgres.freshDatabase() };
  const replica = (ahead: number) =>
    build(t, { env, aws, endpoint: () => proxy.url, overrides: { clock: () => new Date(Date.now() + ahead) } });
  return { proxy, fast: await replica(HOUR), slow: await replica(-HOUR) };
}

t.test('a replica whose clock is fast takes no key over from one that works on it', async (t) => {
  const { proxy, fast, slow } = await start(t);
  const [there, goOn] = [gate(), gate()];
  const run = async () => {
    there.open();
    await goOn.passed;
  };
  proxy.inject('PutResourcePolicy', { do: 'hook', run }, (n) => n === 1);
  const share = [{ principal: '300000000001' }, { 'idempotency-key': 'one' }] as const;
  const first = slow.call('POST', SHARES, ...share);
  await there.passed;
  const meanwhile = await fast.call('POST', SHARES, ...share);
  goOn.open();
  t.match(meanwhile, { status: 409, json: { code: 'idempotency-in-flight' } });
  t.equal((await first).status, 201);
});

t.test('what replicas record bears the time of the database', async (t) => {
  const { fast, slow } = await start(t);
  const begun = Date.now();
  for (const [index, replica] of [fast, slow].entries()) {
    t.equal((await replica.call('POST', SHARES, { principal: `30000000001${index}` })).status, 201);
  }
  const { json } = await fast.call('GET', '/v1/audit-events');
  const times: number[] = json.items.map(({ time }: { time: string }) => Date.parse(time));
  t.equal(times.length, 4);
  t.ok(
    times.every((time) => Math.abs(time - begun) < HOUR / 2),
    'and none is an hour off',
  );
  t.same(
    json.items.map(({ sequence }: { sequence: number }) => sequence),
    [4, 3, 2, 1],
    'newest first, whoever recorded it',
  );
});

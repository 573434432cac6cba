import t from 'tap';
import { type FaultProxy, startFaultProxy } from '../aws/fault-proxy.ts';
import { buildWithCallers } from '../callers.ts';
import { gate, until } from '../wait.ts';

const DEFAULT_KEY = '/v1/secrets/demo%2Fdefault-key';
/** All that the worker begins of one caller who is alone: half of it in each of two places. */
const PLACES = 100;

t.test(
  'one caller’s bulk, none of which is answered, holds up nobody else: neither a bulk nor a single change',
  async (t) => {
    const opened: FaultProxy[] = [];
    const people = { ann: { groups: ['payments', 'platform'] }, bob: { groups: ['payments', 'platform'] } };
    const { as, aws } = await buildWithCallers(t, people, {
      async endpoint(aws) {
        const proxy = await startFaultProxy({ target: aws.url });
        opened.push(proxy);
        return proxy.url;
      },
    });
    const answered = gate();
    for (const proxy of opened) {
      t.teardown(() => proxy.close());
      const run = async ({ body }: { body: string }) => {
        if (body.includes('api-key')) await answered.passed;
      };
      proxy.inject('GetResourcePolicy', { do: 'hook', run });
    }
    const bulkOf = async (who: 'ann' | 'bob', secretIds: readonly string[]) => {
      const items = secretIds.map((secretId, n) => ({ secretId, principal: String(300_000_000_000 + n) }));
      const { status, headers } = await as(who).post('/v1/bulk/shares', { items });
      t.equal(status, 202);
      return async () => (await as(who).get(String(headers['location']))).json;
    };
    const { arn } = (await as('ann').get('/v1/secrets/demo%2Fapi-key')).json;
    // A name and an ARN count as two places.
    const stuck = await bulkOf(
      'ann',
      Array.from({ length: PLACES }, (_, n) => (n % 2 === 0 ? arn : 'demo/api-key')),
    );
    await until(async () => (await stuck()).counts.running === PLACES);

    const other = await bulkOf('bob', ['demo/database', 'demo/database']);
    await until(async () => (await other()).status === 'done');
    t.match(await other(), { counts: { applied: 2 } });
    const denied = await as('bob').post(`${DEFAULT_KEY}/denials`, { principal: '222222222222' });
    t.equal(denied.status, 201);
    t.match(await stuck(), { status: 'running', counts: { running: PLACES } }, 'all the while');

    // So that it costs little to end.
    const gone = { SecretId: arn, ForceDeleteWithoutRecovery: true };
    aws.call('LOCALOWNER', 'us-east-1', 'secretsmanager', 'DeleteSecret', gone);
    answered.open();
    await until(async () => (await stuck()).status === 'done');
  },
);

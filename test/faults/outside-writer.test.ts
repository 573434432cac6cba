import t, { type Test } from 'tap';
import { startInProcess } from './in-process.ts';

const SECRET = '/v1/secrets/demo%2Fdatabase';
const ANN = { principal: '300000000001' };

/** Somebody who adds a statement of their own to what is attached, as Terraform or the console would. */
async function start(t: Test, rereadAfterMs: number) {
  const service = await startInProcess(t, { timing: { landedAfterMs: 1_000, rereadAfterMs } });
  const arn = await service.arnOf('demo/database');
  const owner = (operation: string, input: object) =>
    service.aws.call('LOCALOWNER', 'us-east-1', 'secretsmanager', operation, { SecretId: arn, ...input });
  let written = 0;
  const sids = (): string[] => {
    const text = owner('GetResourcePolicy', {})['ResourcePolicy'];
    return text === undefined ? [] : JSON.parse(String(text)).Statement.map(({ Sid }: { Sid: string }) => Sid);
  };
  const write = () => {
    const text = owner('GetResourcePolicy', {})['ResourcePolicy'];
    const policy = text === undefined ? { Version: '2012-10-17', Statement: [] } : JSON.parse(String(text));
    written += 1;
    const statement = {
      ...{ Sid: `Outside${written}`, Effect: 'Allow', Resource: '*', Action: 'secretsmanager:DescribeSecret' },
      Principal: { AWS: 'arn:aws:iam::222222222222:root' },
    };
    owner('PutResourcePolicy', {
      ResourcePolicy: JSON.stringify({ ...policy, Statement: [...policy.Statement, statement] }),
    });
  };
  const outsides = () => sids().filter((sid) => sid.startsWith('Outside'));
  return { ...service, write, outsides, written: () => written };
}

t.test('what somebody else wrote while AWS validated a denial stays', async (t) => {
  const { call, proxy, write, outsides, outcomes } = await start(t, 600_000);
  proxy.inject('ValidateResourcePolicy', { do: 'hook', when: 'after', run: write }, (n) => n === 1);
  t.equal((await call('POST', `${SECRET}/denials`, ANN)).status, 201);
  t.same(outsides(), ['Outside1']);
  t.equal((await call('GET', `${SECRET}/denials`)).json.items.length, 1);
  t.same(await outcomes(), ['deny applied', 'deny failed (planned-anew)']);
});

t.test('and so does what was written once long has passed since the policy was read', async (t) => {
  const { call, proxy, write, outsides, outcomes } = await start(t, 0);
  t.equal((await call('POST', `${SECRET}/shares`, { principal: '300000000009' })).status, 201);
  proxy.inject('GetResourcePolicy', { do: 'hook', when: 'after', run: write }, (n) => n === 1);
  t.equal((await call('POST', `${SECRET}/shares`, ANN)).status, 201);
  t.same(outsides(), ['Outside1']);
  t.equal((await call('GET', `${SECRET}/shares`)).json.items.length, 2);
  const story = ['share applied', 'drift applied', 'share failed (planned-anew)', 'share applied'];
  t.same(await outcomes(), story);
});

t.test('who writes back to back is not overwritten: the change is refused, and says why', async (t) => {
  const { call, proxy, write, outsides, written } = await start(t, 0);
  const off = proxy.inject('GetResourcePolicy', { do: 'hook', when: 'after', run: write });
  t.match(await call('POST', `${SECRET}/shares`, ANN), { status: 503, json: { code: 'overloaded', retryable: true } });
  off();
  t.equal(outsides().length, written());
  t.equal((await call('POST', `${SECRET}/shares`, ANN)).status, 201);
  t.equal(outsides().length, written());
});

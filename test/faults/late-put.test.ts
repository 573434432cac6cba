import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { startInProcess } from './in-process.ts';

const SHARES = '/v1/secrets/demo%2Fdatabase/shares';
const [first, second] = ['300000000001', '300000000002'];

t.test('an attempt that was given up, and lands after the next one, undoes nothing that was answered', async (t) => {
  const aws = { callTimeoutMs: 500, deadlineMs: 60_000 };
  const { call, proxy, shares, outcomes } = await startInProcess(t, { aws, timing: { landedAfterMs: 10_000 } });
  const landed = Promise.withResolvers<void>();
  const late = { do: 'hook', run: () => sleep(1_200) } as const;
  proxy.inject('PutResourcePolicy', late, (n) => n === 1);
  proxy.inject('PutResourcePolicy', { do: 'hook', when: 'after', run: () => landed.resolve() }, (n) => n === 1);
  t.equal((await call('POST', SHARES, { principal: first })).status, 201);
  t.equal((await call('POST', SHARES, { principal: second })).status, 201);
  await landed.promise;
  t.equal(await shares(), 2);
  t.same(await outcomes(), ['share applied', 'share applied']);
});

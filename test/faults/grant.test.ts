import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { isLong } from '../runs.ts';
import { startInProcess } from './in-process.ts';

t.test('reconciliation does not judge a key grant that is being made', { skip: !isLong }, async (t) => {
  const { call, proxy, outcomes } = await startInProcess(t, { aws: { callTimeoutMs: 60_000, deadlineMs: 60_000 } });
  // Longer than the time between two passes.
  proxy.inject('CreateGrant', { do: 'delay', milliseconds: 12_000 });
  const body = { principal: '300000000001', grantKey: true };
  t.match(await call('POST', '/v1/secrets/demo%2Fapi-key/shares', body), { status: 201 });
  await sleep(500);
  t.same(await outcomes(), ['createGrant applied', 'share applied'], 'one outcome, and it is right');
});

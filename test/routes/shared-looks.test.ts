import t, { type Test } from 'tap';
import { accessDenied, type FaultProxy } from '../aws/fault-proxy.ts';
import { startInProcess } from '../faults/in-process.ts';
import { MARY } from '../helper.ts';

const SECRET = '/v1/secrets/demo%2Fdatabase';

async function behindProxy(t: Test) {
  const service = await startInProcess(t, {});
  await service.arnOf('demo/database');
  service.proxy.clear();
  return service;
}

/** Holds the answer of the first GetResourcePolicy until it is let go. */
function holdFirst(proxy: FaultProxy) {
  const [held, released] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const run = () => {
    held.resolve();
    return released.promise;
  };
  proxy.inject('GetResourcePolicy', { do: 'hook', when: 'after', run }, (n) => n === 1);
  return { held: held.promise, release: () => released.resolve() };
}

t.test('looks at one policy that come while one is under way share the next call', async (t) => {
  const { call, proxy } = await behindProxy(t);
  const first = holdFirst(proxy);
  const looks = [call('GET', `${SECRET}/policy`)];
  await first.held;
  for (let index = 0; index < 20; index += 1) looks.push(call('GET', `${SECRET}/policy`));
  const elsewhere = await call('GET', '/v1/secrets/demo%2Fapi-key/policy');
  t.equal(elsewhere.status, 200, 'another secret does not wait');
  first.release();
  for (const { status } of await Promise.all(looks)) t.equal(status, 200);
  t.equal(proxy.calls('GetResourcePolicy'), 3, 'two of this secret, one of the other');
});

t.test('whoever has changed a policy sees it, although an older look is still under way', async (t) => {
  const { call, proxy } = await behindProxy(t);
  const first = holdFirst(proxy);
  const before = call('GET', `${SECRET}/shares`);
  await first.held;
  t.equal((await call('POST', `${SECRET}/shares`, { principal: MARY })).status, 201);
  const after = call('GET', `${SECRET}/shares`);
  first.release();
  t.same((await before).json.items, []);
  t.match((await after).json.items, [{ principal: MARY }]);
});

t.test('a look that fails fails for those who asked for it only', async (t) => {
  const { call, proxy } = await behindProxy(t);
  const first = holdFirst(proxy);
  proxy.inject('GetResourcePolicy', accessDenied('secretsmanager:GetResourcePolicy'), (n) => n === 2);
  const looks = [call('GET', `${SECRET}/policy`)];
  await first.held;
  looks.push(call('GET', `${SECRET}/policy`), call('GET', `${SECRET}/policy`));
  first.release();
  const [alone, ...together] = await Promise.all(looks);
  t.equal(alone?.status, 200);
  for (const { status, json } of together)
    t.match({ status, json }, { status: 502, json: { code: 'aws-access-denied' } });
  t.equal((await call('GET', `${SECRET}/policy`)).status, 200, 'the next one asks again');
});

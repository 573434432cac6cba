import t from 'tap';
import { createIdempotencyStore } from '../../src/database/idempotency.ts';
import { SEAL } from '../command-key.ts';
import { until } from '../wait.ts';
import { onEveryDatabase } from './on-every-database.ts';

const claim = { subject: 'alice', key: 'key-1', fingerprint: 'share 222222222222', changeId: 'change-1' };
const response = { status: 201, headers: { location: '/v1/x' }, body: '{"changed":true}', asked: [] };
const LEASE = 60_000;

type Options = Parameters<typeof createIdempotencyStore>[0];
const TRUSTED = { seal: SEAL, onUnauthentic: (id: string) => t.fail('a key is not ours', { id }) };
const storeOn = (options: Omit<Options, 'onRenewalFailure' | keyof typeof TRUSTED> & Partial<typeof TRUSTED>) =>
  createIdempotencyStore({
    ...TRUSTED,
    ...options,
    onRenewalFailure: (error) => t.fail('a renewal failed', { error }),
  });

onEveryDatabase(t, async (t, { kind, open, freshUrl }) => {
  /** Time stands still unless a test moves it, and no test lasts until the first renewal of a lease. */
  const time = () => {
    const now = { ms: Date.UTC(2026, 0, 1) };
    return { clock: () => new Date(now.ms), pass: (ms: number) => (now.ms += ms) };
  };

  await t.test('the first request starts, the same one in flight is told so, then gets the first answer', async (t) => {
    const database = await open(t);
    const store = storeOn({ database, clock: time().clock, leaseMs: LEASE });
    t.teardown(store.close);
    t.same(await store.begin(claim), { state: 'started' });
    t.same(await store.begin({ ...claim, changeId: 'change-2' }), { state: 'inFlight', changeId: 'change-1' });
    t.same(await store.begin({ ...claim, fingerprint: 'another' }), { state: 'mismatch' });
    t.equal(await store.complete(claim, response), true);
    t.same(await store.begin({ ...claim, changeId: 'change-2' }), { state: 'replay', response });
    t.same(await store.begin({ ...claim, fingerprint: 'another' }), { state: 'mismatch' });
    t.same(await store.begin({ ...claim, subject: 'bob' }), { state: 'started' }, 'keys are the caller’s own');
    t.same(await store.begin({ ...claim, key: 'key-2' }), { state: 'started' });
  });

  await t.test('of many at once exactly one starts', async (t) => {
    const store = storeOn({ database: await open(t), clock: time().clock, leaseMs: LEASE });
    t.teardown(store.close);
    const states = await Promise.all(
      Array.from({ length: 20 }, (_, index) => store.begin({ ...claim, changeId: `change-${index}` })),
    );
    t.equal(states.filter(({ state }) => state === 'started').length, 1);
    t.equal(states.filter(({ state }) => state === 'inFlight').length, 19);
  });

  await t.test('of many at once exactly one starts, and exactly one takes over, time and again', async (t) => {
    const { clock, pass } = time();
    const store = storeOn({ database: await open(t), clock, leaseMs: LEASE });
    t.teardown(store.close);
    const taken: string[] = [];
    for (let round = 0; round < 50; round += 1) {
      const mine = { ...claim, key: `round-${round}` };
      const many = async () => {
        const states = await Promise.all(Array.from({ length: 8 }, () => store.begin(mine)));
        taken.push(
          states
            .map(({ state }) => state)
            .filter((state) => state !== 'inFlight')
            .join(' '),
        );
      };
      await many();
      pass(LEASE);
      await many();
    }
    t.same(taken, Array.from({ length: 50 }, () => ['started', 'abandoned']).flat());
  });

  await t.test('answers are kept for 24 hours, and purged afterwards', async (t) => {
    const { clock, pass } = time();
    const store = storeOn({ database: await open(t), clock, leaseMs: LEASE });
    t.teardown(store.close);
    await store.begin(claim);
    await store.complete(claim, response);
    pass(24 * 3_600_000 - 1);
    t.match(await store.begin(claim), { state: 'replay' });
    t.equal(await store.purge(), 0);
    pass(1);
    t.match(
      await store.begin({ ...claim, fingerprint: 'another' }),
      { state: 'started' },
      'expired, though not purged',
    );
    await store.complete(claim, response);
    pass(24 * 3_600_000);
    t.equal(await store.purge(), 1);
    t.equal(await store.purge(), 0);
  });

  await t.test('a key that never got its answer goes to whoever asks after the lease', async (t) => {
    const { clock, pass } = time();
    const database = await open(t);
    const store = storeOn({ database, clock, leaseMs: LEASE });
    t.teardown(store.close);
    await store.begin(claim);
    pass(LEASE);
    t.same(await store.begin({ ...claim, changeId: 'change-2' }), { state: 'abandoned', changeId: 'change-1' });
    t.match(await store.begin(claim), { state: 'inFlight' }, 'it is owned again');
  });

  await t.test('the owner may leave a key to the next caller at once, or go on with another change', async (t) => {
    const store = storeOn({ database: await open(t), clock: time().clock, leaseMs: LEASE });
    t.teardown(store.close);
    await store.begin(claim);
    await store.abandon(claim);
    t.same(await store.begin({ ...claim, changeId: 'change-2' }), { state: 'abandoned', changeId: 'change-1' });
    await store.restart(claim, 'change-2');
    t.same(await store.begin(claim), { state: 'inFlight', changeId: 'change-2' });
    await store.complete(claim, response);
    await store.abandon(claim);
    t.match(await store.begin(claim), { state: 'replay' }, 'an answer stays');
  });

  await t.test('a lease is renewed while the request runs', async (t) => {
    const { clock, pass } = time();
    const database = await open(t);
    const onRenewalFailure = (error: unknown) => t.fail('a renewal failed', { error });
    const store = createIdempotencyStore({ ...TRUSTED, database, clock, leaseMs: 30, onRenewalFailure });
    await store.begin(claim);
    pass(20);
    const { kysely } = database;
    const lease = () => kysely.selectFrom('idempotency_keys').select('lease_until').executeTakeFirstOrThrow();
    await until(async () => (await lease()).lease_until === clock().getTime() + 30);
    pass(20);
    t.match(await store.begin(claim), { state: 'inFlight' }, 'the first lease would be over');
    await store.close();
  });

  await t.test('a lease that can’t be renewed is told', async (t) => {
    const database = await open(t);
    const { promise: told, resolve: onRenewalFailure } = Promise.withResolvers<unknown>();
    const store = createIdempotencyStore({ ...TRUSTED, database, clock: time().clock, leaseMs: 30, onRenewalFailure });
    t.teardown(store.close);
    await store.begin(claim);
    await database.close();
    database.close = async () => {};
    t.ok((await told) instanceof Error);
  });

  if (kind === 'sqlite') {
    await t.test(
      'after a restart the keys in flight are taken over at once: the process that had them is gone',
      async (t) => {
        const url = await freshUrl();
        const { clock } = time();
        const before = await open(t, { url });
        const store = storeOn({ database: before, clock, leaseMs: LEASE });
        await store.begin(claim);
        store.close();
        await before.close();
        before.close = async () => {};
        const after = storeOn({ database: await open(t, { url }), clock, leaseMs: LEASE });
        t.teardown(after.close);
        t.same(await after.begin({ ...claim, changeId: 'change-2' }), { state: 'abandoned', changeId: 'change-1' });
      },
    );
    return;
  }

  await t.test('a dead replica’s key is taken over by exactly one other, whose answer then stands', async (t) => {
    const url = await freshUrl();
    const { clock, pass } = time();
    const replicas = await Promise.all([1, 2, 3].map(() => open(t, { url })));
    const stores = replicas.map((database) => storeOn({ database, clock, leaseMs: LEASE }));
    for (const store of stores) t.teardown(store.close);
    const [dead, ...others] = stores;
    await dead?.begin(claim);
    t.match(await others[0]?.begin(claim), { state: 'inFlight' });
    pass(LEASE);
    const states = await Promise.all(
      Array.from({ length: 20 }, (_, index) => others[index % 2]?.begin({ ...claim, changeId: 'change-2' })),
    );
    t.equal(states.filter((claimed) => claimed?.state === 'abandoned').length, 1);
    t.equal(states.filter((claimed) => claimed?.state === 'inFlight').length, 19);
    t.match(
      states.find((claimed) => claimed?.state === 'abandoned'),
      { changeId: 'change-1' },
    );
    const heir = others[states.findIndex((claimed) => claimed?.state === 'abandoned') % 2];
    t.equal(await dead?.complete(claim, { ...response, status: 500 }), false, 'it was not dead, only slow: too late');
    t.equal(await heir?.complete(claim, response), true);
    t.same(await dead?.begin(claim), { state: 'replay', response });
  });
});

import { mock } from 'node:test';
import t from 'tap';
import { createPace } from '../src/aws/calls/pace.ts';
import { createForeground } from '../src/turns/foreground.ts';

const clock = () => new Date();
const patient = () => new AbortController().signal;
const settled = async (promise: Promise<unknown>) =>
  (await Promise.race([promise.then(() => true), new Promise((resolve) => setImmediate(resolve, false))])) === true;

// In a process of its own, outside the groups: the timers that it takes away are everybody's of the process.

t.test('no second sees more than 1.25 times the rate', async (t) => {
  mock.timers.enable({ apis: ['setTimeout', 'Date'], now: 0 });
  t.teardown(() => mock.timers.reset());
  const pace = createPace({ perSecond: 40, maxWaitMs: 10_000, clock });
  const times: number[] = [];
  for (let call = 0; call < 90; call++) void pace.take('write', patient()).then(() => times.push(Date.now()));
  while (times.length < 90) {
    await new Promise(setImmediate);
    mock.timers.tick(1);
  }
  const worst = Math.max(...times.map((from) => times.filter((at) => at >= from && at < from + 1000).length));
  t.ok(worst <= 50, `at most 50 calls a second: ${worst}`);
  t.ok((times.at(-1) ?? 0) <= 2_001, `and no slower than the rate: ${times.at(-1)} ms`);
});

t.test('reads leave a reserve for writes, and wait while writes wait', async (t) => {
  const now = new Date(0);
  const pace = createPace({ perSecond: 40, maxWaitMs: 1000, clock: () => now });
  for (let read = 0; read < 6; read++) t.ok(await settled(pace.take('read', patient())), 'within the burst');
  const lateRead = pace.take('read', patient());
  t.notOk(await settled(lateRead), 'the rest of the burst is for writes');
  for (let write = 0; write < 4; write++) t.ok(await settled(pace.take('write', patient())), 'writes still go');
  const lateWrite = pace.take('write', patient());
  t.notOk(await settled(lateWrite));
  now.setTime(1000);
  await Promise.all([lateWrite, lateRead]);
});

t.test('a waiting write overtakes the reads that wait', async (t) => {
  const pace = createPace({ perSecond: 20, maxWaitMs: 10_000, clock });
  for (let taken = 0; taken < 5; taken++) await pace.take('write', patient());
  const order: string[] = [];
  await Promise.all([
    pace.take('read', patient()).then(() => order.push('read')),
    pace.take('write', patient()).then(() => order.push('write')),
    pace.take('write', patient()).then(() => order.push('write')),
  ]);
  t.same(order, ['write', 'write', 'read']);
});

t.test(
  'incidents go first, then what else takes access away, then what somebody waits for, the background, looks and surveys',
  async (t) => {
    const pace = createPace({ perSecond: 20, maxWaitMs: 10_000, clock });
    for (let taken = 0; taken < 5; taken++) await pace.take('urgent', patient());
    const order: string[] = [];
    const begun = ['survey', 'bulkRead', 'read', 'bulk', 'write', 'urgent'] as const;
    const kinds = [...begun, 'bulk', 'write', 'urgent', 'incident'] as const;
    await Promise.all(kinds.map((kind) => pace.take(kind, patient()).then(() => order.push(kind))));
    const changes = ['incident', 'urgent', 'urgent', 'write', 'write', 'bulk', 'bulk'];
    t.same(order, [...changes, 'read', 'bulkRead', 'survey']);
  },
);

t.test('the background leaves a reserve for what somebody waits for', async (t) => {
  const now = new Date(0);
  const pace = createPace({ perSecond: 40, maxWaitMs: 1000, clock: () => now });
  for (let item = 0; item < 6; item++) t.ok(await settled(pace.take('bulk', patient())), 'within the burst');
  const late = pace.take('bulk', patient());
  t.notOk(await settled(late));
  t.ok(await settled(pace.take('urgent', patient())));
  t.ok(await settled(pace.take('write', patient())));
  now.setTime(1000);
  await late;
});

t.test('surveys take what is left: they keep off a reserve, and wait while others wait', async (t) => {
  const now = new Date(0);
  const pace = createPace({ perSecond: 40, maxWaitMs: 1000, clock: () => now });
  for (let taken = 0; taken < 4; taken++) t.ok(await settled(pace.take('survey', patient())), 'within the burst');
  const survey = pace.take('survey', patient());
  t.notOk(await settled(survey), 'the rest is for what comes meanwhile');
  for (let read = 0; read < 2; read++) t.ok(await settled(pace.take('read', patient())), 'which need not wait');
  const read = pace.take('read', patient());
  now.setTime(25);
  await read;
  t.notOk(await settled(survey));
  now.setTime(1000);
  await survey;
});

t.test('what nobody waits for goes between changes that somebody waits for, or after a moment', async (t) => {
  mock.timers.enable({ apis: ['setTimeout'] });
  t.teardown(() => mock.timers.reset());
  let isLoaded = true;
  const foreground = createForeground(() => isLoaded);
  const now = new Date(0);
  const pace = createPace({ perSecond: 40, maxWaitMs: 1000, clock: () => now, foreground });
  const first = Promise.withResolvers<void>();
  const second = Promise.withResolvers<void>();
  const changes = [first, second].map(({ promise }) => foreground.during(() => promise));
  const background = [pace.take('bulk', patient()), pace.take('survey', patient())];
  for (const kind of ['read', 'write', 'urgent'] as const)
    t.ok(await settled(pace.take(kind, patient())), `${kind} need not wait`);
  first.resolve();
  await changes[0];
  for (const call of background) t.notOk(await settled(call), 'another change is under way');
  now.setTime(1000);
  second.resolve();
  await background[0];
  const later = (ms: number) => {
    now.setTime(now.getTime() + ms);
    mock.timers.tick(ms);
  };
  later(25);
  await background[1];
  later(100);

  const never = foreground.during(() => new Promise(() => {}));
  const [one, another] = [pace.take('bulk', patient()), pace.take('bulk', patient())];
  later(49);
  t.notOk(await settled(one));
  later(1);
  await one;
  t.notOk(await settled(another), 'one at a time');
  later(50);
  await another;
  isLoaded = false;
  t.ok(await settled(pace.take('bulk', patient())), 'and at once where there is little else to do');
  const alone = createPace({
    perSecond: 40,
    maxWaitMs: 1000,
    clock: () => now,
    foreground: createForeground(() => true),
  });
  t.ok(await settled(alone.take('bulk', patient())));
  const next = alone.take('bulk', patient());
  t.notOk(await settled(next), 'none together with another where there is much');
  later(25);
  await next;
  t.notOk(await settled(never));
});

t.test('surveys alone go as fast as the quota allows', async (t) => {
  mock.timers.enable({ apis: ['setTimeout', 'Date'], now: 0 });
  t.teardown(() => mock.timers.reset());
  const pace = createPace({ perSecond: 40, maxWaitMs: 10_000, clock });
  let done = 0;
  for (let call = 0; call < 80; call++) void pace.take('survey', patient()).then(() => done++);
  while (done < 80) {
    await new Promise(setImmediate);
    mock.timers.tick(1);
  }
  t.ok(Date.now() <= 2_000, `80 calls at 40 a second: ${Date.now()} ms`);
});

t.test('the queue is bounded: who would wait too long is refused at once, with a time to come back', async (t) => {
  const now = new Date(0);
  const pace = createPace({ perSecond: 4, maxWaitMs: 2000, clock: () => now });
  await pace.take('write', patient());
  const givenUp = new AbortController();
  const queued = Array.from({ length: 8 }, () => pace.take('write', givenUp.signal));
  await t.rejects(pace.take('write', patient()), { code: 'aws-throttled', facts: { retryAfter: 2 } });
  givenUp.abort();
  t.ok((await Promise.allSettled(queued)).every(({ status }) => status === 'rejected'));
});

t.test('who gives up leaves the queue and costs nothing', async (t) => {
  const now = new Date(0);
  const pace = createPace({ perSecond: 4, maxWaitMs: 2000, clock: () => now });
  await pace.take('write', patient());
  t.notOk(pace.isIdle());
  await t.rejects(pace.take('write', AbortSignal.timeout(20)), { code: 'aws-throttled' });
  await t.rejects(pace.take('write', AbortSignal.abort()), { code: 'aws-throttled' });
  now.setTime(300);
  t.ok(pace.isIdle());
});

t.test('a clock that steps back stops nobody', async (t) => {
  const now = new Date(10_000);
  const pace = createPace({ perSecond: 40, maxWaitMs: 2000, clock: () => now });
  for (let taken = 0; taken < 10; taken++) await pace.take('write', patient());
  now.setTime(0);
  const waiting = pace.take('write', patient());
  t.notOk(await settled(waiting));
  now.setTime(100);
  await waiting;
});

t.test(
  'denials do not slow an incident, and neither an incident nor who asks all the time stops any change or look',
  async (t) => {
    mock.timers.enable({ apis: ['setTimeout', 'Date'], now: 0 });
    t.teardown(() => mock.timers.reset());
    const pace = createPace({ perSecond: 40, maxWaitMs: 10_000, clock });
    const gone = { incident: 0, urgent: 0, write: 0, bulk: 0, read: 0, bulkRead: 0 };
    const again = (kind: keyof typeof gone): void =>
      void pace.take(kind, patient()).then(() => {
        gone[kind] += 1;
        again(kind);
      });
    const all = () => Object.values(gone).reduce((sum, count) => sum + count, 0);
    const play = async (until: number) => {
      while (all() < until) {
        await new Promise(setImmediate);
        mock.timers.tick(1);
      }
    };
    for (const kind of ['urgent', 'write', 'write', 'bulk', 'bulk', 'read', 'bulkRead'] as const) again(kind);
    await play(160);
    const before = { ...gone };
    for (const kind of ['write', 'bulk', 'read', 'bulkRead'] as const)
      t.ok(before[kind] >= 15, `${kind}: one in ten, beside denials without end: ${JSON.stringify(before)}`);

    for (let item = 0; item < 4; item++) again('incident');
    for (let denial = 0; denial < 40; denial++) again('urgent');
    await play(320);
    t.ok(gone.incident >= 80, `${gone.incident} of 160 are the incident's, however many denials wait`);
    for (const kind of ['urgent', 'write', 'bulk', 'read', 'bulkRead'] as const) {
      const meanwhile = gone[kind] - before[kind];
      t.ok(meanwhile >= 12, `${kind}: ${meanwhile} of 160`);
    }
  },
);

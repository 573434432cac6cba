import { join } from 'node:path';
import t, { type Test } from 'tap';
import { createBulkWorker } from '../../src/access/bulk/bulk-worker.ts';
import type { BulkAction } from '../../src/access/bulk/operation.ts';
import type { Clock } from '../../src/clock.ts';
import { connect } from '../../src/database/connect.ts';
import { createOperationQueue } from '../../src/database/operations/queue.ts';
import { createOperationStore } from '../../src/database/operations/store.ts';
import { createForeground } from '../../src/turns/foreground.ts';
import { gate, until } from '../wait.ts';

const notCalled = (): never => {
  throw new Error('Nothing asks for this here.');
};
const requester = {
  identity: { subject: 'ann', issuer: null, method: 'none' as const, groups: [], scopes: [] },
  ...{ source: { ip: null, userAgent: null }, requestId: null, traceId: null },
};
const order = { dryRun: false, reason: null, ticket: null, requester, notAfter: '2026-01-02T00:00:00.000Z', seal: '' };

async function openStore(t: Test, clock: Clock) {
  const database = await connect(`sqlite:${join(t.testdir(), 'audit.db')}`);
  t.teardown(() => database.close());
  return { store: createOperationStore(database, clock), queue: createOperationQueue(database, clock) };
}

t.test('what was claimed and lost while another operation goes on is taken up once its lease is over', async (t) => {
  let now = Date.UTC(2026, 0, 1);
  const clock = () => new Date(now);
  const { store, queue } = await openStore(t, clock);
  const ask = (id: string, action: BulkAction) =>
    store.create({ ...order, id, action }, [{ secretId: 'prod/db', request: {}, changeId: `of ${id}`, seal: null }]);
  const surveyed = gate();
  let surveys = 0;
  const begun: string[] = [];
  let refuses = false;
  const worker = createBulkWorker({
    queue: {
      ...queue,
      claim: async (limit, fair) => {
        if (refuses && fair.only === 'others') throw new Error('The database is away.');
        return queue.claim(limit, fair);
      },
    },
    changer: { change: notCalled },
    build: notCalled,
    async resume(changeId) {
      begun.push(changeId);
      throw new Error('This is as far as it goes here.');
    },
    ended: notCalled,
    visible: { asSeen: notCalled },
    async survey() {
      surveys += 1;
      await surveyed.passed;
      return { status: 'applied', result: {} };
    },
    ...{ foreground: createForeground(), clock, sleep: notCalled, onFailure: () => {} },
  });

  await ask('long', 'survey');
  await worker.run();
  await until(() => surveys === 1);
  await ask('freeze', 'evict');
  refuses = true;
  await t.rejects(worker.run(), /database is away/);
  refuses = false;
  for (let seconds = 0; seconds < 31; seconds += 1) {
    now += 1_000;
    await worker.run();
  }
  await until(() => begun.length > 0);
  t.equal(begun[0], 'of freeze');

  // Nothing was renewed for longer than a lease.
  now += 31_000;
  await worker.run();
  await worker.run();
  t.equal(surveys, 1, 'what goes on is not begun a second time');
  surveyed.open();
  await worker.stop();
});

t.test('what may still be begun for longer than is ever asked for is not begun: a clock was wrong', async (t) => {
  let now = Date.UTC(2027, 0, 1);
  const clock = () => new Date(now);
  const { store, queue } = await openStore(t, clock);
  const ahead = { ...order, notAfter: '2027-01-02T00:00:00.000Z' };
  const item = { secretId: 'prod/db', request: {}, seal: null };
  for (const action of ['survey', 'share'] as const)
    await store.create({ ...ahead, id: action, action }, [{ ...item, changeId: action }]);
  now = Date.UTC(2026, 0, 1);
  const worker = createBulkWorker({
    queue,
    ...{ changer: { change: notCalled }, build: notCalled, survey: notCalled, sleep: notCalled, clock },
    ...{ resume: async () => null, ended: async () => null },
    visible: { asSeen: async (_identity, _secret, error) => error },
    ...{ foreground: createForeground(), onFailure: () => {} },
  });
  for (const id of ['survey', 'share']) {
    await until(async () => {
      await worker.run();
      return (await store.find(id))?.finishedAt !== null;
    });
    const { items } = await store.items(id, { limit: 10 });
    t.match(items, [
      { status: 'failed', result: { problem: { code: 'stored-command-refused', detail: /clock was wrong/ } } },
    ]);
  }
  await worker.stop();
});

import { setTimeout as sleep } from 'node:timers/promises';
import type { Test } from 'tap';
import type { Fault } from '../aws/fault-proxy.ts';
import { runs, SEED } from '../runs.ts';
import { eventually } from '../wait.ts';
import { type Bed, foreignStatements, startBed } from './bed.ts';
import { assertJournal, openIntents, readEvents } from './journal-facts.ts';
import { createRandom, type Random } from './random.ts';
import { type ServiceProcess, startService } from './service-process.ts';
import { accessWorker, documentWorker, refusedWorker, type Worker } from './workers.ts';

const SHARED = 'demo/database';
const EMPTIED = 'demo/default-key';
const REPLACED = 'demo/api-key';
/** A point that is not reached by then is killed at whatever it is doing. */
const PATIENCE_MS = 5_000;

/** A moment of the write path at which the process dies. */
type Point = {
  name: string;
  /** Resolves when the process is dead. */
  strike(bed: Bed, service: ServiceProcess, random: Random): Promise<void>;
};

/** The death of the process at the n-th call of an operation, and what becomes of the call that it had sent. */
const atCall = (operation: string, when: 'before' | 'after', further: Fault[] = []): Point => ({
  name: `${when} ${operation}${further.map((fault) => `, ${fault.do}`).join('')}`,
  strike: ({ proxy }, service, random) =>
    new Promise((resolve) => {
      const nth = 1 + random.int(3);
      const run = async () => {
        await service.kill();
        resolve();
      };
      for (const fault of [{ do: 'hook', when, run } as const, ...further]) {
        proxy.inject(operation, fault, (n) => n === nth);
      }
    }),
});

/** The death of the process right when it says that an event is durable. */
const atEvent = (phase: 'intent' | 'outcome'): Point => ({
  name: `at a durable ${phase}`,
  strike: async (_, service) => {
    await service.event(phase);
    await service.kill();
  },
});

const atRandom: Point = {
  name: 'at random',
  strike: async (_, service, random) => {
    await sleep(random.int(400));
    await service.kill();
  },
};

const LOST: Fault = { do: 'drop', when: 'before' };
/** The call is under way in the network when its sender dies, and reaches AWS when the next process may run already. */
const LATE: Fault = { do: 'delay', milliseconds: 1_500 };
/** So long that what a busy machine delays lands before. */
const TIMING = { landedAfterMs: 8_000, rereadAfterMs: 600_000 };

const points: Point[] = [
  atCall('PutResourcePolicy', 'before'),
  atCall('PutResourcePolicy', 'after'),
  atEvent('intent'),
  atCall('PutResourcePolicy', 'before', [LATE]),
  atEvent('outcome'),
  atCall('PutResourcePolicy', 'before', [LOST]),
  atRandom,
  atCall('GetResourcePolicy', 'before'),
  atCall('ValidateResourcePolicy', 'after'),
  atCall('DescribeSecret', 'before'),
  atRandom,
  atCall('GetResourcePolicy', 'after'),
  atCall('ValidateResourcePolicy', 'before'),
  atCall('DescribeSecret', 'after'),
  atCall('DeleteResourcePolicy', 'before'),
  atCall('DeleteResourcePolicy', 'before', [LOST]),
  atCall('DeleteResourcePolicy', 'after'),
];

/**
 * Clients change two secrets while the service is killed and started again, again and again. Whatever was answered must
 * be in the policy, at once and for good; what was not may be, and gets its true outcome.
 */
export async function killAgainAndAgain(t: Test, database: string): Promise<void> {
  const random = createRandom(SEED);
  const bed = await startBed(t);
  const start = () => startService(t, { database, endpoint: bed.proxy.url, timing: TIMING });
  let service = await start();
  let isOver = false;
  t.teardown(() => {
    isOver = true;
  });
  const base = () => {
    if (isOver) throw new Error('The test is over.');
    return service.url;
  };
  const place = () => ({ base, random: random.fork() });
  const foreign = foreignStatements(bed.policyAt(SHARED));
  const policiesNow = () =>
    Object.fromEntries([SHARED, EMPTIED, REPLACED].map((secret) => [bed.arnOf(secret), bed.policyAt(secret)]));
  const before = policiesNow();

  const keyed = [true, false, true, false, true, false];
  const onShared = [
    ...keyed.map((isKeyed, index) => accessWorker(place(), SHARED, `30000000000${index}`, isKeyed)),
    refusedWorker(place(), SHARED),
  ];
  // Nobody else has a statement there: the policy comes and goes.
  const onEmptied = [true, false].map((isKeyed, index) =>
    accessWorker(place(), EMPTIED, `40000000000${index}`, isKeyed),
  );
  const onReplaced = [documentWorker(place(), REPLACED)];
  const byPlace: [secret: string, workers: Worker[]][] = [
    [SHARED, onShared],
    [EMPTIED, onEmptied],
    [REPLACED, onReplaced],
  ];
  const workers = byPlace.flatMap(([, some]) => some);
  const broken: unknown[] = [];
  const running = workers.map((worker) => worker.run().catch((error) => broken.push(error)));
  const answered = () => workers.reduce((sum, worker) => sum + worker.answered, 0);

  const assertPolicies = (when: string) => {
    const faults = byPlace.flatMap(([secret, some]) => {
      const policy = bed.policyAt(secret);
      return some.flatMap((worker) => worker.faultsOf(policy));
    });
    t.same(faults, [], `${when}: what was answered is in the policy, once`);
    const kept = foreignStatements(bed.policyAt(SHARED));
    t.same(kept, foreign, `${when}: the statements of others stand to the letter`);
  };

  const rounds = runs(2, points.length, 110);
  for (let round = 1; round <= rounds; round++) {
    const point = points[round - 1] ?? random.pick(points);
    const from = new Date();
    await Promise.race([point.strike(bed, service, random), sleep(PATIENCE_MS)]);
    await service.kill();
    const died = new Date();
    assertPolicies(`kill ${round} (${point.name})`);
    bed.proxy.clear();

    service = await start();
    const done = answered();
    await eventually(async () => {
      const events = await readEvents(service.url, `?from=${from.toISOString()}`);
      const open = openIntents(events).filter(({ time }) => new Date(time) < died);
      if (open.length > 0) throw new Error(`${open.length} intents of the dead process have no outcome`);
      if (answered() < done + 3) throw new Error('the restarted service does not answer');
    });
    t.same(broken, [], `after kill ${round}: every repeated request is answered rightly`);
    if (broken.length > 0) break;
  }

  for (const worker of workers) worker.stop();
  // What is asked for last is answered, too.
  await Promise.all(running);
  t.same(broken, []);
  assertPolicies('at rest');
  const changeIds = workers.flatMap((worker) => worker.changeIds);
  const events = await assertJournal(t, service.url, { policies: policiesNow(), before, changeIds });
  t.comment(`${rounds} kills, ${answered()} answers, ${events.length} events`);
}

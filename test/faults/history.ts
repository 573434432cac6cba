import { setTimeout as sleep } from 'node:timers/promises';
import type { Test } from 'tap';
import type { AuditEvent } from '../../src/audit/event.ts';
import { eventually } from '../wait.ts';
import { type Bed, foreign, startBed } from './bed.ts';
import { insist, pathOf, send } from './client.ts';
import { type Databases, documentsIn } from './databases.ts';
import { startFleet } from './fleet.ts';
import { assertHistory, foreignDropped, told } from './history-facts.ts';
import { openIntents, readEvents } from './journal-facts.ts';
import { createRandom, type Random } from './random.ts';
import { type Scene, SPARING, type Strike, strikes } from './strikes.ts';
import { keepTrueOrder, type TrueOrder } from './true-order.ts';
import { accessWorker, bulkWorker, refusedWorker, type Worker } from './workers.ts';

const [SHARED, EMPTIED, IN_BULK] = ['demo/database', 'demo/default-key', 'demo/api-key'];
const STRIKES = 5;

export type Place = { count: number; databases: Databases } & Pick<Scene, 'endLocks' | 'restartDatabase'>;

/**
 * Clients, and somebody who writes policies without the service, change three secrets while processes are killed, stand
 * still and lose their locks, calls land late, the database is restarted, and a backup is restored. What happens is worked
 * out of the seed; when, the machine says.
 */
export async function liveThrough(t: Test, seed: number, { count, databases, ...around }: Place): Promise<void> {
  const random = createRandom(seed);
  const bed = await startBed(t);
  const policies = () =>
    Object.fromEntries([SHARED, EMPTIED, IN_BULK].map((secret) => [bed.arnOf(secret), bed.policyAt(secret)]));
  const before = policies();
  const order = keepTrueOrder(bed);
  const fleet = await startFleet(t, { bed, order, random: random.fork(), count, url: databases.url });

  const script = plan(random, count > 1 ? Object.keys(strikes) : ['kill', 'pause', 'late']);
  const spares = script.every((name) => [...SPARING, 'backUp', 'restore'].includes(name));
  const isRestored = script.includes('restore');
  let isOver = false;
  const outside = writeOutside(order, bed, random.fork());
  t.teardown(() => {
    isOver = true;
    return outside.stop();
  });
  const base = () => {
    if (isOver) throw new Error('The test is over.');
    return fleet.urlOfAny();
  };
  const place = () => ({ base, random: random.fork(), forgets: () => isRestored || !spares });
  const byPlace: [secret: string, workers: Worker[]][] = [
    [
      SHARED,
      [
        ...[0, 1, 2, 3].map((n) => accessWorker(place(), SHARED, `30000000000${n}`, n % 2 === 0)),
        refusedWorker(place(), SHARED),
      ],
    ],
    [EMPTIED, [0, 1].map((n) => accessWorker(place(), EMPTIED, `40000000000${n}`, n % 2 === 0))],
    [IN_BULK, [bulkWorker(place(), IN_BULK, ['500000000000', '500000000001', '500000000002'])]],
  ];
  const workers = byPlace.flatMap(([, some]) => some);
  const faults = () =>
    byPlace.flatMap(([secret, some]) => some.flatMap((worker) => worker.faultsOf(bed.policyAt(secret))));
  const broken: unknown[] = [];
  const running = workers.map((worker) => worker.run().catch((error) => broken.push(error)));

  const undone: string[] = [];
  let lost: AuditEvent[] = [];
  let restoredAt: number | undefined;
  const backUp: Strike = () => fleet.whileDown(databases.backUp);
  const restore: Strike = () =>
    fleet.whileDown(async () => {
      await order.settle();
      lost = (await documentsIn(databases.url)).map((document) => JSON.parse(document));
      const url = await databases.restore();
      restoredAt = (await documentsIn(url)).length;
      fleet.moveTo(url);
    });
  const all: Record<string, Strike> = { ...strikes, backUp, restore };
  for (const name of script) {
    await sleep(500 + random.int(1_000));
    await all[name]?.({ fleet, random, ...around });
    undone.push(...faults().map((fault) => `${name}: ${fault}`));
    if (broken.length > 0) break;
  }

  for (const worker of workers) worker.stop();
  await outside.stop();
  await Promise.all(running);
  t.same(broken, [], 'every repeated request is answered rightly');
  // A cycle of each tells what others, or calls that landed late, have done.
  for (const secret of [SHARED, EMPTIED, IN_BULK])
    await insist(base, { method: 'POST', path: pathOf(secret, 'shares'), body: { principal: '900000000000' } });
  await eventually(async () => {
    const open = openIntents(await readEvents(base()));
    if (open.length > 0) throw new Error(`${open.length} intents have no outcome`);
  });
  const verification = await send(base(), { method: 'GET', path: '/v1/audit-events/verification' });
  const events = await readEvents(base());
  t.match(verification?.json, { intact: true, events: events.length, firstBroken: null }, 'the chain is whole');
  assertHistory(t, { events, lost, restoredAt, steps: order.steps, before, after: policies() });
  if (spares || told(events).length === 0) t.same(undone, [], 'what was answered is in the policy, once');
  const dropped = foreignDropped(order.steps).length;
  t.comment(
    `${script.join(', ')}: ${events.length} events, ${order.steps.length} steps of AWS, ${outside.written()} of others, of which ${dropped} writes of ours dropped some; ${undone.length} undone, ${told(events).length} told`,
  );
}

/** Every second history has a backup that is restored. */
function plan(random: Random, names: readonly string[]): string[] {
  const script = Array.from({ length: STRIKES }, () => random.pick(names));
  if (random.chance(0.5)) return script;
  const at = random.int(STRIKES - 1);
  return script.toSpliced(at, 1, 'backUp').toSpliced(at + 2, 0, 'restore');
}

/** Adds statements of its own, and takes them out again. */
function writeOutside(order: TrueOrder, bed: Bed, random: Random) {
  let stopped = false;
  let written = 0;
  const own: string[] = [];
  const write = () => {
    const policy = bed.policyAt(SHARED);
    const statements = (policy?.Statement ?? []) as { Sid?: string }[];
    if (own.length > 3) {
      const gone = own.shift();
      return bed.attach(
        SHARED,
        statements.filter(({ Sid }) => Sid !== gone),
      );
    }
    written += 1;
    const statement = { ...foreign[0], Sid: `Outside${written}` };
    own.push(statement.Sid);
    bed.attach(SHARED, [...statements, statement]);
  };
  const running = (async () => {
    while (!stopped) {
      await sleep(100 + random.int(600));
      await order.outside(bed.arnOf(SHARED), write);
    }
  })();
  return {
    written: () => written,
    stop: () => {
      stopped = true;
      return running;
    },
  };
}

import { setTimeout as sleep } from 'node:timers/promises';
import { gate } from '../wait.ts';
import type { Fleet, Replica } from './fleet.ts';
import type { Random } from './random.ts';
import { OUTLIVES_MS } from './true-order.ts';

/** What can be done to a service and what is around it. */
export type Scene = {
  fleet: Fleet;
  random: Random;
  /** Ends the sessions that hold locks of secrets, as a failover or a pooler does. */
  endLocks(): Promise<void>;
  /** Kills the database, and starts it again. */
  restartDatabase(): Promise<void>;
};
export type Strike = (scene: Scene) => Promise<void>;

const OPERATIONS = [
  ...['GetResourcePolicy', 'ValidateResourcePolicy', 'DescribeSecret'],
  ...Array.from({ length: 4 }, () => 'PutResourcePolicy'),
];
/** A call that does not come by then is not waited for. */
const PATIENCE_MS = 3_000;
const LATEST_MS = OUTLIVES_MS - 300;

/** Does something when a replica's next call of an operation comes by, or at last where none does; then the call is late. */
async function atCall(replica: Replica, operation: string, lateMs: number, strike: () => Promise<void>): Promise<void> {
  const struck = gate();
  let isOver = false;
  const run = async () => {
    if (isOver) return;
    await strike();
    struck.open();
    await sleep(lateMs);
  };
  const off = replica.proxy.inject(operation, { do: 'hook', run }, (n) => n === 1);
  await Promise.race([struck.passed, sleep(PATIENCE_MS)]);
  isOver = true;
  off();
}

const kill: Strike = async ({ fleet, random }) => {
  const replica = fleet.any();
  await atCall(replica, random.pick(OPERATIONS), LATEST_MS / 2 + random.int(LATEST_MS / 2), replica.kill);
  await replica.kill();
  await fleet.replace(replica);
};

/** It stands still in the midst of a change, loses the locks that it holds, and goes on. */
const pause: Strike = async ({ fleet, random, endLocks }) => {
  const { service, ...replica } = fleet.any();
  let goOn = () => {};
  await atCall({ service, ...replica }, random.pick(OPERATIONS), random.int(300), async () => {
    goOn = service.pause();
  });
  await endLocks();
  await sleep(random.int(4_000));
  goOn();
};

/** Calls are given up, and land later. */
const late: Strike = async ({ fleet, random }) => {
  const ways = [fleet.any(), fleet.any()].map(({ proxy }) => {
    const fault = { do: 'delay', milliseconds: random.int(LATEST_MS) } as const;
    return proxy.inject('PutResourcePolicy', fault, (n) => n <= 2);
  });
  await sleep(PATIENCE_MS);
  for (const off of ways) off();
};

const cutLocks: Strike = async ({ endLocks }) => endLocks();
const restart: Strike = async ({ restartDatabase }) => restartDatabase();

export const strikes: Record<string, Strike> = { kill, pause, late, cutLocks, restart };
/** Those that leave the session alone that holds a lock: what is acknowledged is never undone by them, told or not. */
export const SPARING = ['kill', 'late'];

import type { Test } from 'tap';
import { type FaultProxy, startFaultProxy } from '../aws/fault-proxy.ts';
import type { Bed } from './bed.ts';
import type { Random } from './random.ts';
import { type ServiceProcess, startService } from './service-process.ts';
import type { TrueOrder } from './true-order.ts';

/** Who takes over waits for half of it at least; an attempt that is given up is waited for as long as this. */
const TIMING = { landedAfterMs: 5_000, rereadAfterMs: 50 };
/** Short enough for late calls to be given up, and long enough for the next try. */
const AWS = { callTimeoutMs: 1_000, deadlineMs: 10_000 };
/**
 * Milliseconds that the clock of a process may be wrong, either way. With SQLite it is the only one: an intent that looks as
 * old as 6 times `landedAfterMs` is not waited for.
 */
const SKEW_MS = 10_000;

export type Replica = { service: ServiceProcess; proxy: FaultProxy; kill(): Promise<void> };
export type Fleet = Awaited<ReturnType<typeof startFleet>>;

/** Replicas on one database, each with a proxy of its own before AWS and a clock of its own. */
export async function startFleet(
  t: Test,
  { bed, order, random, count, url }: { bed: Bed; order: TrueOrder; random: Random; count: number; url: string },
) {
  let database = url;
  let started = 0;
  async function start(): Promise<Replica> {
    const { passing, came, died } = order.before(`process ${++started}`);
    const proxy = await startFaultProxy({ target: bed.aws.url, passing });
    t.teardown(() => proxy.close());
    proxy.inject('*', { do: 'hook', run: came });
    const aheadMs = random.int(2 * SKEW_MS) - SKEW_MS;
    const service = await startService(t, { database, endpoint: proxy.url, aws: AWS, timing: TIMING, aheadMs });
    const kill = async () => {
      await service.kill();
      died();
    };
    return { service, proxy, kill };
  }
  const startAll = () => Promise.all(Array.from({ length: count }, start));
  let replicas = await startAll();

  return {
    any: () => random.pick(replicas),
    urlOfAny: () => random.pick(replicas).service.url,
    /** Another takes the place of one that was killed. */
    async replace(dead: Replica) {
      const fresh = await start();
      replicas = replicas.map((replica) => (replica === dead ? fresh : replica));
    },
    /** While none runs. */
    async whileDown(work: () => Promise<void>) {
      await Promise.all(replicas.map(({ kill }) => kill()));
      await work();
      replicas = await startAll();
    },
    moveTo(restored: string) {
      database = restored;
    },
  };
}

import { setTimeout as sleep } from 'node:timers/promises';
import type { PolicyDocument } from '../../src/policy/document.ts';
import type { ProxiedCall, ProxyOptions } from '../aws/fault-proxy.ts';
import type { Bed } from './bed.ts';

/** One look at a policy, or one write of it, as AWS did it. */
export type Step = {
  /** The process that asked for it, or OUTSIDE. */
  who: string;
  kind: 'look' | 'write';
  secret: string;
  /** As it stood then, or from then on. */
  policy: PolicyDocument | null;
  /** How many steps AWS had taken when the call left its process: what lands late was sent long before. */
  sentAfter: number;
  /** On the clock of performance.now(). */
  at: number;
};

export const OUTSIDE = 'outside';
const KINDS: Record<string, Step['kind']> = {
  GetResourcePolicy: 'look',
  PutResourcePolicy: 'write',
  DeleteResourcePolicy: 'write',
};
/**
 * Milliseconds that a call may outlive its sender: less than half of `landedAfterMs`, which whoever takes over waits at least.
 * What a busy machine would let land later is lost instead.
 */
export const OUTLIVES_MS = 1_500;

export type TrueOrder = ReturnType<typeof keepTrueOrder>;

/** Has AWS do one thing with policies at a time, and keeps in which order. */
export function keepTrueOrder(bed: Bed) {
  const steps: Step[] = [];
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const done = last.then(work);
    last = done.catch(() => {});
    return done;
  };

  return {
    steps,
    /** What is before AWS for one process. */
    before(who: string) {
      const left = new WeakMap<ProxiedCall, Pick<Step, 'sentAfter' | 'at'>>();
      let diedAt = Number.POSITIVE_INFINITY;
      const passing: ProxyOptions['passing'] = async (call, forward) => {
        const kind = KINDS[call.operation];
        const sent = left.get(call);
        if (kind === undefined || sent === undefined) return forward();
        const secret = bed.arnOf(JSON.parse(call.body).SecretId);
        return inTurn(async () => {
          if (performance.now() - Math.min(sent.at, diedAt) > OUTLIVES_MS) throw new Error('It is lost on its way.');
          const reply = await forward();
          if (reply.status === 200)
            steps.push({ who, kind, secret, policy: bed.policyAt(secret), ...sent, at: performance.now() });
          return reply;
        });
      };
      return {
        passing,
        /** To be told of each call as it comes. */
        came: (call: ProxiedCall) => void left.set(call, { sentAfter: steps.length, at: performance.now() }),
        died: () => {
          diedAt = performance.now();
        },
      };
    },
    /** Somebody else writes: nothing comes between their look and their write. */
    outside: (secret: string, write: () => void) =>
      inTurn(async () => {
        write();
        const step = { who: OUTSIDE, kind: 'write', secret, policy: bed.policyAt(secret) } as const;
        steps.push({ ...step, sentAfter: steps.length, at: performance.now() });
      }),
    /** Until nothing that a dead process sent is on its way any more. */
    settle: async () => {
      await sleep(2 * OUTLIVES_MS);
      await last;
    },
  };
}

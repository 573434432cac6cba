import type { Verification } from '../../../audit/verify-chain.ts';
import { holdHeapSmall } from '../../../small-heap.ts';

type Verify = (gone: AbortSignal) => Promise<Verification>;

/**
 * It reads the whole journal: callers that ask meanwhile get the same answer, and it is broken off once all of them are gone.
 * Who gives no signal stays.
 */
export function shareVerification(verify: Verify): (gone?: AbortSignal) => Promise<Verification> {
  let running: { answer: Promise<Verification>; left: () => void; joined: () => void } | null = null;

  function begin() {
    const stop = new AbortController();
    const letHeapGrow = holdHeapSmall();
    let waiting = 0;
    const begun = {
      answer: verify(stop.signal).finally(() => {
        letHeapGrow();
        if (running === begun) running = null;
      }),
      joined() {
        waiting += 1;
      },
      left() {
        waiting -= 1;
        if (waiting > 0) return;
        if (running === begun) running = null;
        stop.abort();
      },
    };
    return begun;
  }

  return async (gone) => {
    gone?.throwIfAborted();
    running ??= begin();
    const { answer, joined, left } = running;
    joined();
    gone?.addEventListener('abort', left, { once: true });
    return answer.finally(() => gone?.removeEventListener('abort', left));
  };
}

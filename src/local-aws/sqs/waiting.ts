import type { Arrivals, Client } from './arrivals.ts';
import { NothingYet } from './receiving.ts';

/**
 * The answer of a call; a ReceiveMessage that finds nothing is made again with each arrival, until its time is over, its
 * client has hung up or the stand-in closes. It is judged again each time.
 */
export async function longPolled(call: () => object, arrivals: Arrivals, client: Client): Promise<object> {
  const started = performance.now();
  for (;;) {
    const answer = call();
    if (!(answer instanceof NothingYet)) return answer;
    const { queue, seconds, nextVisibleMs = Number.POSITIVE_INFINITY } = answer.wait;
    const left = started + seconds * 1000 - performance.now();
    if (left <= 0) return {};
    await arrivals.wait(queue, Math.min(left, nextVisibleMs), client);
    if (client.destroyed || arrivals.isClosed) return {};
  }
}

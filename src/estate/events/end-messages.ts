import type { ChangeEventQueue, TakenMessage } from './change-event-queue.ts';

/** How looking at what a message names ended: of no further use, not shown by AWS yet, or failed. */
export type Ended = 'done' | 'later' | 'again';

/** Until what AWS does not show yet is looked at once more. */
const LATER_S = 60;
/** Receives of a message after which it is not, whatever the clocks say. */
const MOST_LOOKS = 4;
/** Until what failed comes again: twice as long each time. The queue's own policy ends that, in its dead-letter queue. */
const AGAIN_S = 5;
const MOST_AGAIN_S = 900;

export async function endMessages(
  queue: ChangeEventQueue,
  over: readonly { message: TakenMessage; ended: Ended }[],
  isStopping: boolean,
): Promise<void> {
  const of = (how: Ended) => over.filter(({ ended }) => ended === how).map(({ message }) => message);
  const [again, unshown] = [of('again'), of('later')];
  const isEnough = ({ receives }: TakenMessage) => receives >= MOST_LOOKS;
  const later = unshown.filter((message) => !isEnough(message));
  const done = [...of('done'), ...unshown.filter(isEnough)];
  if (done.length > 0) await queue.done(done);
  if (later.length > 0) await queue.giveBack(later, LATER_S);
  await giveBack(queue, again, isStopping);
}

/** @param isStopping then at once, for another replica */
export async function giveBack(
  queue: ChangeEventQueue,
  messages: readonly TakenMessage[],
  isStopping: boolean,
): Promise<void> {
  for (const [seconds, some] of Map.groupBy(messages, ({ receives }) => (isStopping ? 0 : againAfter(receives))))
    await queue.giveBack(some, seconds);
}

const againAfter = (receives: number): number => Math.min(MOST_AGAIN_S, AGAIN_S * 2 ** Math.min(receives - 1, 10));

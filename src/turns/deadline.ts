/**
 * Runs `missed` once after some milliseconds, unless it is called off before. A timer that is due runs before the sockets
 * are read: after a stall of our own event loop, what came in time would be declared missing. So I/O has one more turn
 * first (Node.js, "The event loop": timers, poll, then setImmediate).
 * @returns calls it off
 */
export function startDeadline(milliseconds: number, missed: () => void): () => void {
  let turn: NodeJS.Immediate | undefined;
  const timer = setTimeout(() => {
    turn = setImmediate(missed);
  }, milliseconds);
  return () => {
    clearTimeout(timer);
    clearImmediate(turn);
  };
}

/** What comes of some work within so many milliseconds, else `late`. The work itself goes on. @throws what the work throws */
export function within<T>(milliseconds: number, work: Promise<T>, late: T): Promise<T> {
  const { promise, resolve } = Promise.withResolvers<T>();
  const callOff = startDeadline(milliseconds, () => resolve(late));
  return Promise.race([work, promise]).finally(callOff);
}

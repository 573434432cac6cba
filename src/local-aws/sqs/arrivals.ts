import type { EventEmitter } from 'node:events';

/** The client of a call, as far as a call that waits needs it. */
export type Client = Pick<EventEmitter, 'once' | 'off'> & { readonly destroyed: boolean };

/** Who waits for messages, by queue. */
export class Arrivals {
  readonly #waiting = new Map<string, Set<() => void>>();
  #isClosed = false;

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** How many wait. */
  get waiting(): number {
    return [...this.#waiting.values()].reduce((sum, { size }) => sum + size, 0);
  }

  /** Wakes who waits. They look again after the transaction that runs: what it did may have been undone. */
  announce(queue: string): void {
    for (const wake of this.#waiting.get(queue) ?? []) wake();
  }

  /** Until something is announced, the time (in milliseconds) is over, the client has hung up, or this is closed. */
  async wait(queue: string, milliseconds: number, client: Client): Promise<void> {
    if (this.#isClosed || client.destroyed) return;
    const { promise, resolve: wake } = Promise.withResolvers<void>();
    const timer = setTimeout(wake, milliseconds);
    client.once('close', wake);
    const waiting = this.#waiting.get(queue) ?? new Set();
    this.#waiting.set(queue, waiting.add(wake));
    await promise;
    clearTimeout(timer);
    client.off('close', wake);
    waiting.delete(wake);
    if (waiting.size === 0) this.#waiting.delete(queue);
  }

  close(): void {
    this.#isClosed = true;
    for (const queue of this.#waiting.keys()) this.announce(queue);
  }
}

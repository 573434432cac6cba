import type { DatabaseSync } from 'node:sqlite';
import { Arrivals } from './arrivals.ts';

/** A message as it lies in a queue. Times are milliseconds since the epoch. */
export type Message = {
  sequence: number;
  id: string;
  body: string;
  senderId: string;
  sentAt: number;
  visibleAt: number;
  /** How often it was received. */
  received: number;
  firstReceivedAt: number | null;
  /** The ARN of the queue that it was taken out of, in a dead-letter queue. */
  deadLetterSource: string | null;
};

type Load = { messages: number; bytes: number };

/**
 * The messages of all queues, in a table of the store's database; `queue` is the key of a queue's record. What is
 * written belongs to the transaction that `begin` starts, or to the one that runs.
 */
export class Messages {
  readonly arrivals = new Arrivals();
  readonly #statements;
  readonly #begin: () => void;

  constructor(database: DatabaseSync, begin: () => void) {
    database.exec(`
      CREATE TABLE IF NOT EXISTS message (
        sequence INTEGER PRIMARY KEY AUTOINCREMENT, queue TEXT NOT NULL, id TEXT NOT NULL, body TEXT NOT NULL,
        bytes INTEGER NOT NULL, senderId TEXT NOT NULL, sentAt INTEGER NOT NULL, visibleAt INTEGER NOT NULL,
        received INTEGER NOT NULL DEFAULT 0, firstReceivedAt INTEGER, receipt TEXT, deadLetterSource TEXT
      ) STRICT;
      CREATE INDEX IF NOT EXISTS message_visible ON message (queue, visibleAt, bytes);
      CREATE INDEX IF NOT EXISTS message_receipt ON message (queue, receipt)`);
    const prepare = (sql: string) => database.prepare(sql);
    this.#statements = {
      send: prepare(
        'INSERT INTO message (queue, id, body, bytes, senderId, sentAt, visibleAt) VALUES (?, ?, ?, ?, ?, ?, ?)',
      ),
      load: prepare('SELECT count(*) AS messages, coalesce(sum(bytes), 0) AS bytes FROM message WHERE queue = ?'),
      states: prepare(`
        SELECT count(*) AS every, count(*) FILTER (WHERE visibleAt > ?2 AND received > 0) AS inFlight,
          count(*) FILTER (WHERE visibleAt > ?2 AND received = 0) AS delayed FROM message WHERE queue = ?1`),
      visible: prepare('SELECT * FROM message WHERE queue = ? AND visibleAt <= ? ORDER BY visibleAt, sequence LIMIT ?'),
      failed: prepare('SELECT * FROM message WHERE queue = ? AND visibleAt <= ? AND received >= ?'),
      next: prepare('SELECT min(visibleAt) AS at FROM message WHERE queue = ? AND visibleAt > ?'),
      receive: prepare(`
        UPDATE message SET received = received + 1, firstReceivedAt = coalesce(firstReceivedAt, ?), visibleAt = ?,
          receipt = ? WHERE sequence = ?`),
      move: prepare('UPDATE message SET queue = ?, visibleAt = ?, deadLetterSource = ? WHERE sequence = ?'),
      byReceipt: prepare('SELECT * FROM message WHERE queue = ? AND receipt = ?'),
      setVisible: prepare('UPDATE message SET visibleAt = ? WHERE sequence = ?'),
      delete: prepare('DELETE FROM message WHERE sequence = ?'),
      expired: prepare('SELECT 1 FROM message WHERE queue = ? AND sentAt <= ? LIMIT 1'),
      expire: prepare('DELETE FROM message WHERE queue = ? AND sentAt <= ?'),
      purge: prepare('DELETE FROM message WHERE queue = ?'),
    };
    this.#begin = begin;
  }

  send(queue: string, message: Pick<Message, 'id' | 'body' | 'senderId' | 'sentAt' | 'visibleAt'>): void {
    const { id, body, senderId, sentAt, visibleAt } = message;
    this.#begin();
    this.#statements.send.run(queue, id, body, Buffer.byteLength(body), senderId, sentAt, visibleAt);
    this.arrivals.announce(queue);
  }

  load(queue: string): Load {
    return this.#statements.load.get(queue) as Load;
  }

  states(queue: string, now: number): { every: number; inFlight: number; delayed: number } {
    return this.#statements.states.get(queue, now) as { every: number; inFlight: number; delayed: number };
  }

  /** Those that can be received, the one that waits longest first. */
  visible(queue: string, now: number, limit: number): Message[] {
    return this.#statements.visible.all(queue, now, limit) as Message[];
  }

  /** Those that could be received again, and were so as often already. */
  failed(queue: string, now: number, received: number): Message[] {
    return this.#statements.failed.all(queue, now, received) as Message[];
  }

  /** When the next one of those that can't be received now can be. */
  nextVisibleAt(queue: string, now: number): number | undefined {
    return (this.#statements.next.get(queue, now)?.['at'] ?? undefined) as number | undefined;
  }

  receive({ sequence }: Message, receipt: string, now: number, visibleAt: number): void {
    this.#begin();
    this.#statements.receive.run(now, visibleAt, receipt, sequence);
  }

  /** Into its dead-letter queue, where it can be received at once; when it was sent stays. */
  move({ sequence }: Message, target: string, sourceArn: string, now: number): void {
    this.#begin();
    this.#statements.move.run(target, now, sourceArn, sequence);
    this.arrivals.announce(target);
  }

  findByReceipt(queue: string, receipt: string): Message | undefined {
    return this.#statements.byReceipt.get(queue, receipt) as Message | undefined;
  }

  setVisibleAt(queue: string, { sequence }: Message, at: number): void {
    this.#begin();
    this.#statements.setVisible.run(at, sequence);
    this.arrivals.announce(queue);
  }

  delete({ sequence }: Message): void {
    this.#begin();
    this.#statements.delete.run(sequence);
  }

  /** Removes what was sent then or before. */
  expire(queue: string, sentAt: number): void {
    if (this.#statements.expired.get(queue, sentAt) === undefined) return;
    this.#begin();
    this.#statements.expire.run(queue, sentAt);
  }

  purge(queue: string): void {
    this.#begin();
    this.#statements.purge.run(queue);
  }
}

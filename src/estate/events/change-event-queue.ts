/** A message that the queue gave for a time: then it comes again, to whoever receives. */
export type TakenMessage = {
  /** By which it is deleted, or given back. */
  receipt: string;
  sentAt: Date;
  /** How often it was received by now: at least 1. */
  receives: number;
};
export type QueuedMessage = TakenMessage & { body: string };

/** Where change events arrive. Each method @throws Error for whatever keeps the queue from answering. */
export interface ChangeEventQueue {
  /** Waits some seconds for the first; none where none came. */
  receive(limit: number, signal: AbortSignal): Promise<QueuedMessage[]>;
  done(messages: readonly TakenMessage[]): Promise<void>;
  /** They come again after so many seconds. */
  giveBack(messages: readonly TakenMessage[], seconds: number): Promise<void>;
}

/** As GET /v1/estate tells it of this process. */
export type ReceivingState = {
  receiving: boolean;
  /** When the last message came; null for none since the start. */
  lastReceivedAt: Date | null;
  /** Why nothing can be received; null where something can. */
  problem: string | null;
  /** When the oldest event that is not done yet was sent; null without any. */
  oldestSentAt: Date | null;
};

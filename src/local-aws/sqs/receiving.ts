import { randomUUID } from 'node:crypto';
import Type from 'typebox';
import type { Call } from '../call.ts';
import { type AwsOperation, operation, optional } from '../protocol/input.ts';
import type { QueueRecord } from '../records.ts';
import { numberOf } from './attributes.ts';
import { invalidParameterValue } from './errors.ts';
import type { Message } from './messages.ts';
import { authorizedQueue, QueueUrl, queueArn, queueKey, queueOfArn } from './queues.ts';
import { md5 } from './sending.ts';

/** The answer of a ReceiveMessage that found nothing, and may wait: it looks like an empty one. */
export class NothingYet {
  readonly #wait;

  constructor(wait: { queue: string; seconds: number; nextVisibleMs: number | undefined }) {
    this.#wait = wait;
  }

  /** `seconds` in all; something becomes visible in `nextVisibleMs` milliseconds, unless undefined. */
  get wait() {
    return this.#wait;
  }
}

const Names = optional(Type.Array(Type.String()));

export const receivingOperations: Record<string, AwsOperation<Call>> = {
  /** Source: SQS API Reference, ReceiveMessage. */
  ReceiveMessage: operation(
    Type.Object({
      QueueUrl,
      MaxNumberOfMessages: optional(Type.Integer()),
      VisibilityTimeout: optional(Type.Integer()),
      WaitTimeSeconds: optional(Type.Integer()),
      AttributeNames: Names,
      MessageSystemAttributeNames: Names,
    }),
    (call: Call, input) => {
      const queue = authorizedQueue(call, input.QueueUrl);
      const most = within('MaxNumberOfMessages', input.MaxNumberOfMessages ?? 1, 1, 10);
      const wait = input.WaitTimeSeconds ?? numberOf(queue, 'ReceiveMessageWaitTimeSeconds');
      const seconds = within('WaitTimeSeconds', wait, 0, 20);
      const timeout = input.VisibilityTimeout ?? numberOf(queue, 'VisibilityTimeout');
      const messages = receive(call, queue, most, within('VisibilityTimeout', timeout, 0, 43_200));
      if (messages.length === 0) return seconds === 0 ? {} : nothingYet(call, queueKey(queue), seconds);
      const names = new Set([...(input.AttributeNames ?? []), ...(input.MessageSystemAttributeNames ?? [])]);
      return { Messages: messages.map((message) => shownMessage(message, names)) };
    },
  ),
};

function nothingYet({ store, now }: Call, queue: string, seconds: number): NothingYet {
  const next = store.messages.nextVisibleAt(queue, now.getTime());
  return new NothingYet({ queue, seconds, nextVisibleMs: next === undefined ? undefined : next - now.getTime() });
}

/** @throws AwsError InvalidParameterValue */
export function within(name: string, value: number, least: number, most: number): number {
  if (value >= least && value <= most) return value;
  throw invalidParameterValue(
    `Value ${value} for parameter ${name} is invalid. Reason: Must be between ${least} and ${most}, if provided.`,
  );
}

type Received = Message & { receipt: string };

/** Takes what can be received out of sight; what was received too often goes to the dead-letter queue instead. */
function receive(call: Call, queue: QueueRecord, most: number, timeout: number): Received[] {
  const { messages } = call.store;
  const key = queueKey(queue);
  const now = call.now.getTime();
  messages.expire(key, now - numberOf(queue, 'MessageRetentionPeriod') * 1000);
  moveFailed(call, queue);
  return messages.visible(key, now, most).map((message) => {
    const receipt = Buffer.from(`${message.id} ${randomUUID()}`).toString('base64');
    messages.receive(message, receipt, now, now + timeout * 1000);
    const { received, firstReceivedAt } = message;
    return { ...message, receipt, received: received + 1, firstReceivedAt: firstReceivedAt ?? now };
  });
}

function moveFailed(call: Call, queue: QueueRecord): void {
  const target = queue.redrive && queueOfArn(call, queue.redrive.deadLetterTargetArn);
  if (!queue.redrive || !target) return;
  const now = call.now.getTime();
  for (const message of call.store.messages.failed(queueKey(queue), now, queue.redrive.maxReceiveCount)) {
    call.store.messages.move(message, queueKey(target), queueArn(queue), now);
  }
}

function shownMessage(message: Received, names: ReadonlySet<string>) {
  const all: Record<string, string> = {
    SenderId: message.senderId,
    SentTimestamp: String(message.sentAt),
    ApproximateReceiveCount: String(message.received),
    ApproximateFirstReceiveTimestamp: String(message.firstReceivedAt),
    ...(message.deadLetterSource === null ? {} : { DeadLetterQueueSourceArn: message.deadLetterSource }),
  };
  const shown = Object.entries(all).filter(([name]) => names.has('All') || names.has(name));
  return {
    MessageId: message.id,
    ReceiptHandle: message.receipt,
    MD5OfBody: md5(message.body),
    Body: message.body,
    ...(shown.length === 0 ? {} : { Attributes: Object.fromEntries(shown) }),
  };
}

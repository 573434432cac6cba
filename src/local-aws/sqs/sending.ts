import { createHash, randomUUID } from 'node:crypto';
import Type, { type Static } from 'typebox';
import type { Call } from '../call.ts';
import { AwsError } from '../protocol/errors.ts';
import { type AwsOperation, operation, optional } from '../protocol/input.ts';
import type { QueueRecord } from '../records.ts';
import { numberOf } from './attributes.ts';
import { inBatch } from './batch.ts';
import { invalidParameterValue, unsupported } from './errors.ts';
import { authorizedQueue, QueueUrl, queueKey } from './queues.ts';

/** In one queue; AWS has no such limits. */
const MAX_MESSAGES = 10_000;
const MAX_BYTES = 16 * 1024 * 1024;
/** Of a batch, and the most that a queue can take as one message. Source: SQS Developer Guide, "Message quotas". */
const MAX_REQUEST_BYTES = 1_048_576;

const Message = {
  MessageBody: Type.String(),
  DelaySeconds: optional(Type.Integer()),
  MessageAttributes: optional(Type.Unknown()),
  MessageSystemAttributes: optional(Type.Unknown()),
  MessageGroupId: optional(Type.Unknown()),
  MessageDeduplicationId: optional(Type.Unknown()),
};
const MessageInput = Type.Object(Message);
type MessageInput = Static<typeof MessageInput>;

/** Source: SQS API Reference. */
export const sendingOperations: Record<string, AwsOperation<Call>> = {
  SendMessage: operation(Type.Object({ QueueUrl, ...Message }), (call: Call, input) =>
    send(call, authorizedQueue(call, input.QueueUrl), input),
  ),

  SendMessageBatch: operation(
    Type.Object({ QueueUrl, Entries: Type.Array(Type.Object({ Id: Type.String(), ...Message })) }),
    (call: Call, { QueueUrl: url, Entries: entries }) => {
      const queue = authorizedQueue(call, url, 'sqs:SendMessage');
      return inBatch(
        entries,
        (entry) => send(call, queue, entry),
        () => {
          const bytes = entries.reduce((sum, { MessageBody }) => sum + Buffer.byteLength(MessageBody), 0);
          if (bytes <= MAX_REQUEST_BYTES) return;
          const message = `Batch requests cannot be longer than ${MAX_REQUEST_BYTES} bytes. You have sent ${bytes} bytes.`;
          throw new AwsError('BatchRequestTooLong', message);
        },
      );
    },
  ),
};

function send(call: Call, queue: QueueRecord, input: MessageInput): { MessageId: string; MD5OfMessageBody: string } {
  refuseUnsupported(input);
  refuseBody(queue, input.MessageBody);
  const { DelaySeconds: delay = numberOf(queue, 'DelaySeconds') } = input;
  if (delay < 0 || delay > 900) {
    throw invalidParameterValue(
      `Value ${delay} for parameter DelaySeconds is invalid. Reason: DelaySeconds must be >= 0 and <= 900.`,
    );
  }
  const id = enqueue(call, queue, input.MessageBody, call.caller.userId, delay);
  return { MessageId: id, MD5OfMessageBody: md5(input.MessageBody) };
}

/**
 * Puts a message into a queue, whoever sends it.
 * @param delay seconds
 * @returns the message's id
 * @throws AwsError OverLimit
 */
export function enqueue(
  { store, now }: Pick<Call, 'store' | 'now'>,
  queue: QueueRecord,
  body: string,
  senderId: string,
  delay = numberOf(queue, 'DelaySeconds'),
): string {
  const key = queueKey(queue);
  const sentAt = now.getTime();
  store.messages.expire(key, sentAt - numberOf(queue, 'MessageRetentionPeriod') * 1000);
  const { messages, bytes } = store.messages.load(key);
  if (messages >= MAX_MESSAGES || bytes + Buffer.byteLength(body) > MAX_BYTES) {
    throw new AwsError(
      'OverLimit',
      `The local stand-in keeps at most ${MAX_MESSAGES} messages and ${MAX_BYTES} bytes.`,
    );
  }
  const id = randomUUID();
  store.messages.send(key, { id, body, senderId, sentAt, visibleAt: sentAt + delay * 1000 });
  return id;
}

/** SDKs compare it with what they sent and received. */
export const md5 = (body: string): string => createHash('md5').update(body).digest('hex');

function refuseUnsupported(input: MessageInput): void {
  for (const name of [
    'MessageAttributes',
    'MessageSystemAttributes',
    'MessageGroupId',
    'MessageDeduplicationId',
  ] as const) {
    const given = input[name];
    if (given !== undefined && Object.keys(given as object).length > 0) throw unsupported(name);
  }
}

/** What XML 1.0 can't hold. Source: SQS API Reference, SendMessage. */
const NOT_ALLOWED = /[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/u;

function refuseBody(queue: QueueRecord, body: string): void {
  if (body === '') throw new AwsError('MissingParameter', 'The request must contain the parameter MessageBody.');
  const most = numberOf(queue, 'MaximumMessageSize');
  if (Buffer.byteLength(body) > most) {
    throw invalidParameterValue(
      `One or more parameters are invalid. Reason: Message must be shorter than ${most} bytes.`,
    );
  }
  if (NOT_ALLOWED.test(body)) {
    throw new AwsError('InvalidMessageContents', 'Invalid binary character was found in the message body.');
  }
}

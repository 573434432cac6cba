import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageBatchCommand,
  type Message,
  ReceiveMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import type { Clock } from '../clock.ts';
import type { ChangeEventQueue, QueuedMessage, TakenMessage } from '../estate/events/change-event-queue.ts';
import type { Credentials } from './assume-role.ts';
import { RequestHandler } from './calls/request-handler.ts';
import { Sha256 } from './calls/sha256.ts';

/** SQS waits so long for the first message, at most. */
const WAIT_S = 20;
/** An answer is overdue then. */
const OVERDUE_MS = 30_000;
/** Until a message that was received comes again: longer than its look takes, at the quota too. */
const VISIBLE_AFTER_S = 120;
/** Messages of one call. */
const BATCH = 10;
const QUEUE_HOST = /^sqs\.([a-z0-9-]+)\.|^([a-z0-9-]+)\.queue\./;

/**
 * A queue of SQS. It is asked with the service's own credentials, wherever it is.
 * @param options.url as SQS tells it: `https://sqs.REGION.amazonaws.com/ACCOUNT/NAME`
 * @param options.region of queues whose URL does not say it
 */
export function createChangeEventQueue(options: {
  url: string;
  region: string;
  credentials: () => Promise<Credentials>;
  endpoint?: string | undefined;
  clock: Clock;
}): ChangeEventQueue & { close(): void } {
  const { url: QueueUrl, credentials, endpoint, clock } = options;
  const [, region = options.region] = QUEUE_HOST.exec(new URL(QueueUrl).hostname)?.filter(Boolean) ?? [];
  const requestHandler = new RequestHandler(OVERDUE_MS);
  const sqs = new SQSClient({
    ...{ region, credentials, requestHandler, sha256: Sha256, maxAttempts: 2 },
    ...(endpoint !== undefined && { endpoint }),
  });

  /** @throws Error for entries that SQS did not take: they come again by themselves */
  async function inBatches<Entry>(
    messages: readonly TakenMessage[],
    entryOf: (message: TakenMessage, id: string) => Entry,
    send: (entries: Entry[]) => Promise<{ Failed?: { Message?: string | undefined }[] | undefined }>,
  ): Promise<void> {
    for (let start = 0; start < messages.length; start += BATCH) {
      const entries = messages.slice(start, start + BATCH).map((message, index) => entryOf(message, String(index)));
      const { Failed: [failed] = [] } = await send(entries);
      if (failed !== undefined)
        throw new Error(`SQS did not take all of a batch: ${failed.Message ?? 'it says no more'}`);
    }
  }

  return {
    async receive(limit, abortSignal) {
      const command = new ReceiveMessageCommand({
        ...{ QueueUrl, MaxNumberOfMessages: limit, WaitTimeSeconds: WAIT_S, VisibilityTimeout: VISIBLE_AFTER_S },
        MessageSystemAttributeNames: ['SentTimestamp', 'ApproximateReceiveCount'],
      });
      const { Messages = [] } = await sqs.send(command, { abortSignal });
      return Messages.map((message) => toMessage(message, clock()));
    },
    done: (messages) =>
      inBatches(
        messages,
        ({ receipt: ReceiptHandle }, Id) => ({ Id, ReceiptHandle }),
        (Entries) => sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries })),
      ),
    giveBack: (messages, VisibilityTimeout) =>
      inBatches(
        messages,
        ({ receipt: ReceiptHandle }, Id) => ({ Id, ReceiptHandle, VisibilityTimeout }),
        (Entries) => sqs.send(new ChangeMessageVisibilityBatchCommand({ QueueUrl, Entries })),
      ),
    close: () => requestHandler.destroy(),
  };
}

const toMessage = ({ Body = '', ReceiptHandle = '', Attributes = {} }: Message, now: Date): QueuedMessage => ({
  body: Body,
  receipt: ReceiptHandle,
  sentAt: Attributes.SentTimestamp === undefined ? now : new Date(Number(Attributes.SentTimestamp)),
  receives: Number(Attributes.ApproximateReceiveCount ?? 1),
});

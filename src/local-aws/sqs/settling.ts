import Type from 'typebox';
import type { Call } from '../call.ts';
import { AwsError } from '../protocol/errors.ts';
import { type AwsOperation, operation, text } from '../protocol/input.ts';
import type { QueueRecord } from '../records.ts';
import { inBatch } from './batch.ts';
import { invalidParameterValue } from './errors.ts';
import { authorizedQueue, QueueUrl, queueKey } from './queues.ts';
import { within } from './receiving.ts';

const ReceiptHandle = text(1, 1024);
const VisibilityTimeout = Type.Integer();

/** What becomes of a message that was received. Source: SQS API Reference. */
export const settlingOperations: Record<string, AwsOperation<Call>> = {
  DeleteMessage: operation(Type.Object({ QueueUrl, ReceiptHandle }), (call: Call, input) =>
    remove(call, authorizedQueue(call, input.QueueUrl), input),
  ),

  DeleteMessageBatch: operation(
    Type.Object({ QueueUrl, Entries: Type.Array(Type.Object({ Id: Type.String(), ReceiptHandle })) }),
    (call: Call, { QueueUrl: url, Entries: entries }) => {
      const queue = authorizedQueue(call, url, 'sqs:DeleteMessage');
      return inBatch(entries, (entry) => remove(call, queue, entry));
    },
  ),

  ChangeMessageVisibility: operation(Type.Object({ QueueUrl, ReceiptHandle, VisibilityTimeout }), (call: Call, input) =>
    changeVisibility(call, authorizedQueue(call, input.QueueUrl), input),
  ),

  ChangeMessageVisibilityBatch: operation(
    Type.Object({
      QueueUrl,
      Entries: Type.Array(Type.Object({ Id: Type.String(), ReceiptHandle, VisibilityTimeout })),
    }),
    (call: Call, { QueueUrl: url, Entries: entries }) => {
      const queue = authorizedQueue(call, url, 'sqs:ChangeMessageVisibility');
      return inBatch(entries, (entry) => changeVisibility(call, queue, entry));
    },
  ),
};

/** A handle that was good once deletes nothing, and that is no error: only the last one of a message does. */
function remove({ store }: Call, queue: QueueRecord, { ReceiptHandle: handle }: { ReceiptHandle: string }): object {
  refuseHandle(handle);
  const message = store.messages.findByReceipt(queueKey(queue), handle);
  if (message !== undefined) store.messages.delete(message);
  return {};
}

function changeVisibility(
  { store, now }: Call,
  queue: QueueRecord,
  { ReceiptHandle: handle, VisibilityTimeout: timeout }: { ReceiptHandle: string; VisibilityTimeout: number },
): object {
  refuseHandle(handle);
  within('VisibilityTimeout', timeout, 0, 43_200);
  const message = store.messages.findByReceipt(queueKey(queue), handle);
  const reason = 'Message does not exist or is not available for visibility timeout change.';
  if (message === undefined) {
    throw invalidParameterValue(`Value ${handle} for parameter ReceiptHandle is invalid. Reason: ${reason}`);
  }
  if (message.visibleAt <= now.getTime()) throw new AwsError('MessageNotInflight', reason);
  store.messages.setVisibleAt(queueKey(queue), message, now.getTime() + timeout * 1000);
  return {};
}

/** @throws AwsError ReceiptHandleIsInvalid for what ReceiveMessage can't have given */
function refuseHandle(handle: string): void {
  if (/^[0-9a-f-]{36} [0-9a-f-]{36}$/.test(Buffer.from(handle, 'base64').toString())) return;
  throw new AwsError('ReceiptHandleIsInvalid', `The input receipt handle "${handle}" is not a valid receipt handle.`);
}

import { isDeepStrictEqual } from 'node:util';
import Type from 'typebox';
import type { Call } from '../call.ts';
import { authorize } from '../enforcement/authorize.ts';
import { AwsError } from '../protocol/errors.ts';
import { type AwsOperation, operation, optional, text } from '../protocol/input.ts';
import type { QueueRecord } from '../records.ts';
import { Attributes, attributesNamed, shownAttributes, withAttributes } from './attributes.ts';
import { invalidParameterValue, unsupported } from './errors.ts';
import {
  authorizedQueue,
  authorizedQueueAt,
  QueueName,
  QueueUrl,
  queueArn,
  queueKey,
  queueUrl,
  saveQueue,
} from './queues.ts';

/** Of one account in one Region; AWS has no such limit. */
const MAX_QUEUES = 1000;
const MINUTE = 60_000;

/** Standard queues. Source: SQS API Reference. */
export const queueOperations: Record<string, AwsOperation<Call>> = {
  CreateQueue: operation(
    Type.Object({ QueueName, Attributes, tags: optional(Type.Unknown()) }),
    (call: Call, { QueueName: name, Attributes: attributes = {}, tags }) => {
      const { partition, region, now } = call;
      const place = { partition, account: call.caller.account, region, name };
      authorize(call, call.action.toLowerCase(), { arn: queueArn(place), account: place.account, policy: null });
      refuseName(name, attributes);
      if (tags !== undefined) throw unsupported('tags of queues');
      const fresh = { numbers: {}, policy: null, redrive: null };
      const queue = { ...place, ...withAttributes(call, fresh, attributes), createdAt: now.getTime() };
      const existing = call.store.get('queue', queueKey(place));
      if (existing !== undefined) refuseOthers(call, existing, attributes);
      else {
        refuseTooMany(call);
        saveQueue(call, { ...queue, changedAt: queue.createdAt });
      }
      return { QueueUrl: queueUrl(call, place) };
    },
  ),

  GetQueueUrl: operation(
    Type.Object({ QueueName, QueueOwnerAWSAccountId: optional(text(12, 12, String.raw`^\d+$`)) }),
    (call: Call, { QueueName: name, QueueOwnerAWSAccountId: account = call.caller.account }) => ({
      QueueUrl: queueUrl(call, authorizedQueueAt(call, { account, region: call.region, name })),
    }),
  ),

  GetQueueAttributes: operation(
    Type.Object({ QueueUrl, AttributeNames: optional(Type.Array(Type.String())) }),
    (call: Call, { QueueUrl: url, AttributeNames: names = [] }) => {
      const queue = authorizedQueue(call, url);
      const counts = call.store.messages.states(queueKey(queue), call.now.getTime());
      return { Attributes: attributesNamed(shownAttributes(call, queue, counts), names) };
    },
  ),

  SetQueueAttributes: operation(Type.Object({ QueueUrl, Attributes }), (call: Call, input) => {
    const queue = authorizedQueue(call, input.QueueUrl);
    saveQueue(call, { ...queue, ...withAttributes(call, queue, input.Attributes), changedAt: call.now.getTime() });
    return {};
  }),

  PurgeQueue: operation(Type.Object({ QueueUrl }), (call: Call, input) => {
    const queue = authorizedQueue(call, input.QueueUrl);
    const now = call.now.getTime();
    if (queue.purgedAt !== undefined && now - queue.purgedAt < MINUTE) {
      const message = `Only one PurgeQueue operation on ${queue.name} is allowed every 60 seconds.`;
      throw new AwsError('PurgeQueueInProgress', message, 403);
    }
    call.store.messages.purge(queueKey(queue));
    saveQueue(call, { ...queue, purgedAt: now });
    return {};
  }),

  DeleteQueue: operation(Type.Object({ QueueUrl }), (call: Call, input) => {
    const key = queueKey(authorizedQueue(call, input.QueueUrl));
    call.store.messages.purge(key);
    call.store.delete('queue', key);
    return {};
  }),
};

function refuseName(name: string, attributes: Record<string, string>): void {
  if (name.endsWith('.fifo') || attributes['FifoQueue'] !== undefined) throw unsupported('FIFO queues');
  if (/^[\w-]+$/.test(name)) return;
  throw invalidParameterValue('Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length');
}

/** CreateQueue may be repeated, with the attributes that the queue has, or without them. */
function refuseOthers(call: Call, existing: QueueRecord, attributes: Record<string, string>): void {
  for (const [name, value] of Object.entries(attributes)) {
    const { numbers, policy, redrive } = existing;
    const changed = withAttributes(call, { numbers, policy, redrive }, { [name]: value });
    const [before, after] = [existing, { ...existing, ...changed }].map((queue) =>
      attributesNamed(shownAttributes(call, queue, { every: 0, inFlight: 0, delayed: 0 }), [name]),
    );
    if (!isDeepStrictEqual(before, after)) {
      const message = `A queue already exists with the same name and a different value for attribute ${name}`;
      throw new AwsError('QueueNameExists', message);
    }
  }
}

function refuseTooMany(call: Call): void {
  const prefix = queueKey({ account: call.caller.account, region: call.region, name: '' });
  if (call.store.list('queue', prefix).length < MAX_QUEUES) return;
  throw new AwsError(
    'OverLimit',
    `The local stand-in keeps at most ${MAX_QUEUES} queues of an account and Region.`,
    403,
  );
}

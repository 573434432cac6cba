import { parseArn } from '../../policy/arn.ts';
import type { Call } from '../call.ts';
import { authorize } from '../enforcement/authorize.ts';
import { shownPolicy } from '../enforcement/stored-policy.ts';
import { AwsError } from '../protocol/errors.ts';
import { text } from '../protocol/input.ts';
import type { QueueRecord } from '../records.ts';
import { queueDoesNotExist } from './errors.ts';

export const QueueUrl = text(1, 2048);
export const QueueName = text(1, 80);

type QueuePlace = Pick<QueueRecord, 'account' | 'region' | 'name'>;
export const queueKey = ({ account, region, name }: QueuePlace): string => `${account}/${region}/${name}`;

export const queueArn = ({ partition, region, account, name }: QueuePlace & Pick<QueueRecord, 'partition'>): string =>
  `arn:${partition}:sqs:${region}:${account}:${name}`;

/** `http://HOST:PORT/ACCOUNT/NAME`. */
export const queueUrl = ({ url }: Call, { account, name }: QueuePlace): string => `${url}/${account}/${name}`;

/**
 * The queue of a URL, once the caller is authorised for it; the Region is that of the call, the host is not looked at.
 * @throws AwsError InvalidAddress, AccessDeniedException, or QueueDoesNotExist
 */
export function authorizedQueue(call: Call, url: string, action = call.action): QueueRecord {
  const [, account, name] = /^https?:\/\/[^/]+\/(\d{12})\/([\w-]+(?:\.fifo)?)$/.exec(url) ?? [];
  if (account === undefined || name === undefined) {
    throw new AwsError('InvalidAddress', `The address ${url} is not valid for this endpoint.`);
  }
  return authorizedQueueAt(call, { account, name, region: call.region }, action);
}

/** The same, by account and name. */
export function authorizedQueueAt(call: Call, place: QueuePlace, action = call.action): QueueRecord {
  const queue = call.store.get('queue', queueKey(place));
  // SQS's refusals show the action in small letters.
  authorize(call, action.toLowerCase(), {
    arn: queueArn({ ...place, partition: call.partition }),
    account: place.account,
    policy: queue?.policy ? shownPolicy(queue.policy, call.directory) : null,
  });
  if (queue === undefined) throw queueDoesNotExist();
  return queue;
}

/** The queue that an ARN names. */
export function queueOfArn({ store }: Pick<Call, 'store'>, arn: string): QueueRecord | undefined {
  const parsed = parseArn(arn);
  if (parsed?.service !== 'sqs') return undefined;
  return store.get('queue', queueKey({ account: parsed.account, region: parsed.region, name: parsed.resource }));
}

export const saveQueue = ({ store }: Call, queue: QueueRecord): void => store.put('queue', queueKey(queue), queue);

import Type, { type Static } from 'typebox';
import type { Call } from '../call.ts';
import { parsePolicy, QUEUE_POLICY } from '../enforcement/policy-syntax.ts';
import { shownPolicy, storedPolicy } from '../enforcement/stored-policy.ts';
import { AwsError } from '../protocol/errors.ts';
import { optional, text } from '../protocol/input.ts';
import type { QueueRecord } from '../records.ts';
import { invalidAttribute } from './errors.ts';
import { queueArn, queueOfArn } from './queues.ts';

export const Attributes = optional(Type.Record(text(1, 256), Type.String({ maxLength: 262_144 })));
type Attributes = Static<typeof Attributes>;

type Settings = Pick<QueueRecord, 'numbers' | 'policy' | 'redrive'>;

/** Least, greatest and default value; seconds and bytes. Source: SQS API Reference, SetQueueAttributes. */
const NUMBERS = {
  DelaySeconds: [0, 900, 0],
  MaximumMessageSize: [1024, 1_048_576, 1_048_576],
  MessageRetentionPeriod: [60, 1_209_600, 345_600],
  ReceiveMessageWaitTimeSeconds: [0, 20, 0],
  VisibilityTimeout: [0, 43_200, 30],
} as const;
type NumberName = keyof typeof NUMBERS;

const isNumberName = (name: string): name is NumberName => Object.hasOwn(NUMBERS, name);

export const numberOf = ({ numbers }: Settings, name: NumberName): number => numbers[name] ?? NUMBERS[name][2];

/** @throws AwsError InvalidAttributeName, InvalidAttributeValue */
export function withAttributes(call: Call, settings: Settings, attributes: Attributes = {}): Settings {
  let changed = settings;
  for (const [name, value] of Object.entries(attributes)) changed = withAttribute(call, changed, name, value);
  return changed;
}

function withAttribute(call: Call, settings: Settings, name: string, value: string): Settings {
  if (isNumberName(name)) return { ...settings, numbers: { ...settings.numbers, [name]: readNumber(name, value) } };
  switch (name) {
    case 'Policy':
      return { ...settings, policy: value === '' ? null : readPolicy(call, value) };
    case 'RedrivePolicy':
      return { ...settings, redrive: value === '' ? null : readRedrivePolicy(call, value) };
    case 'SqsManagedSseEnabled':
      return settings; // Nothing here is encrypted, whatever it says.
    default:
      throw new AwsError('InvalidAttributeName', `Unknown Attribute ${name}.`);
  }
}

function readNumber(name: NumberName, value: string): number {
  const [least, most] = NUMBERS[name];
  const number = Number(value);
  if (!/^\d{1,9}$/.test(value) || number < least || number > most) throw invalidAttribute(name);
  return number;
}

function readPolicy(call: Call, json: string) {
  try {
    return storedPolicy(parsePolicy(json, QUEUE_POLICY), call.partition, call.directory);
  } catch (error) {
    if (error instanceof AwsError) throw invalidAttribute('Policy', error.message);
    throw error;
  }
}

function readRedrivePolicy(call: Call, json: string): NonNullable<QueueRecord['redrive']> {
  let given: { deadLetterTargetArn?: unknown; maxReceiveCount?: unknown } | null;
  try {
    given = JSON.parse(json);
  } catch {
    throw invalidAttribute('RedrivePolicy');
  }
  const target = String(given?.deadLetterTargetArn);
  const maxReceiveCount = Number(given?.maxReceiveCount);
  if (!Number.isInteger(maxReceiveCount) || maxReceiveCount < 1 || maxReceiveCount > 1000) {
    throw invalidAttribute('RedrivePolicy', 'Invalid value for maxReceiveCount. It is from 1 to 1000.');
  }
  const queue = queueOfArn(call, target);
  if (queue === undefined || queue.account !== call.caller.account || queue.region !== call.region) {
    throw invalidAttribute('RedrivePolicy', 'Dead letter target does not exist.');
  }
  return { deadLetterTargetArn: target, maxReceiveCount };
}

/** Every attribute there is, by name, as GetQueueAttributes shows it. */
export function shownAttributes(call: Call, queue: QueueRecord, counts: QueueCounts): Record<string, string> {
  const { policy, redrive } = queue;
  const numbers = Object.keys(NUMBERS).filter(isNumberName);
  return {
    QueueArn: queueArn(queue),
    ApproximateNumberOfMessages: String(counts.every - counts.inFlight - counts.delayed),
    ApproximateNumberOfMessagesNotVisible: String(counts.inFlight),
    ApproximateNumberOfMessagesDelayed: String(counts.delayed),
    CreatedTimestamp: String(Math.floor(queue.createdAt / 1000)),
    LastModifiedTimestamp: String(Math.floor(queue.changedAt / 1000)),
    ...Object.fromEntries(numbers.map((name) => [name, String(numberOf(queue, name))])),
    ...(policy && { Policy: JSON.stringify(shownPolicy(policy, call.directory)) }),
    ...(redrive && { RedrivePolicy: JSON.stringify(redrive) }),
    SqsManagedSseEnabled: 'true',
  };
}

type QueueCounts = { every: number; inFlight: number; delayed: number };

/** @throws AwsError InvalidAttributeName */
export function attributesNamed(all: Record<string, string>, names: readonly string[]): Record<string, string> {
  if (names.includes('All')) return all;
  const unknown = names.find((name) => !KNOWN.has(name));
  if (unknown !== undefined) throw new AwsError('InvalidAttributeName', `Unknown Attribute ${unknown}.`);
  return Object.fromEntries(Object.entries(all).filter(([name]) => names.includes(name)));
}

const KNOWN: ReadonlySet<string> = new Set([
  ...Object.keys(NUMBERS),
  ...['Policy', 'RedrivePolicy', 'QueueArn', 'CreatedTimestamp', 'LastModifiedTimestamp', 'SqsManagedSseEnabled'],
  ...['', 'NotVisible', 'Delayed'].map((state) => `ApproximateNumberOfMessages${state}`),
]);

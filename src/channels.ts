import { randomUUID } from 'node:crypto';
import { type Channel, channel, type TracingChannel, tracingChannel } from 'node:diagnostics_channel';

/**
 * Where the service says what takes time and can fail, for whoever listens (src/telemetry): node's own channels, which
 * cost next to nothing while nobody does. Each instance of the service has channels of its own, so that two in one
 * process do not count each other's steps. A listener that throws ends the process.
 */
export type Channels = {
  /** A change is asked for, in the context of the request that asks: the command that a cycle later does. */
  change: Channel;
  /** The changes of one cycle of one secret, the wait for its lock included. */
  cycle: Steps<{ readonly commands: readonly object[] }>;
  /** The wait alone, not what is done with the lock. */
  lockWait: Steps<object>;
  auditAppend: Steps<{ readonly events: number }>;
  /** A call over all its attempts. */
  awsCall: Steps<AwsCall>;
};

export type AwsCall = {
  /** The IAM action, for example `secretsmanager:PutResourcePolicy`. */
  readonly action: string;
  readonly region: string;
  /** Set by a listener that traces, before the call is sent: the W3C Trace Context that AWS is told. */
  traceparent?: string;
  /** What AWS's answer, or the SDK's error, says of itself. */
  answer?: { requestId?: string; attempts?: number; httpStatusCode?: number };
};

/** Steps that begin and end. `error` is there once one has failed. */
export type Steps<Message extends object> = TracingChannel<unknown, Message & Ending>;
export type Ending = { error?: unknown };

export function createChannels(): Channels {
  const id = randomUUID();
  const steps = <Message extends object>(name: string): Steps<Message> =>
    tracingChannel<unknown, Message & Ending>(`secret-access:${id}:${name}`);
  return {
    change: channel(`secret-access:${id}:change`),
    cycle: steps('cycle'),
    lockWait: steps('lockWait'),
    auditAppend: steps('auditAppend'),
    awsCall: steps('awsCall'),
  };
}

/** @param listener `ended` is called once for each step that has `begun`, with the same message */
export function listen<Message extends object>(
  steps: Steps<Message>,
  { begun = ignore, ended }: { begun?(message: Message): void; ended(message: Message & Ending): void },
): void {
  steps.subscribe({ start: begun, asyncEnd: ended, end: ignore, asyncStart: ignore, error: ignore });
}

const ignore = () => {};

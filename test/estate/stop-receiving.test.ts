import { setTimeout as sleep } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { createChangeEventQueue } from '../../src/aws/change-event-queue.ts';
import { createChangeEventConsumer } from '../../src/estate/events/consume-events.ts';
import { EVENTS_QUEUE, seed, startLocalAws } from '../../src/local-aws/index.ts';
import { startFaultProxy } from '../aws/fault-proxy.ts';
import { gate, until } from '../wait.ts';
import { changeEvent } from './change-event.ts';

const [ACCOUNT, REGION] = ['111111111111', 'us-east-1'];
const clock = () => new Date();

/** A consumer and its queue, with a proxy in between. It waits for an answer as long as it is not told that the time is over. */
async function receiving(t: Test) {
  const aws = await startLocalAws({ port: 0, file: ':memory:', eventsQueue: EVENTS_QUEUE });
  t.teardown(() => aws.close());
  seed(aws);
  const proxy = await startFaultProxy({ target: aws.url });
  t.teardown(() => proxy.close());
  const QueueUrl = `${proxy.url}/${ACCOUNT}/secret-access-events`;
  const queue = createChangeEventQueue({
    ...{ url: QueueUrl, region: REGION, endpoint: proxy.url, clock },
    credentials: async () => ({ accessKeyId: 'LOCALSERVICE', secretAccessKey: 'x' }),
  });
  t.teardown(queue.close);
  const overdue = gate();
  const receives: AbortSignal[] = [];
  const looks: string[] = [];
  const consumer = createChangeEventConsumer({
    clock,
    queue: {
      ...queue,
      receive(limit, signal) {
        receives.push(signal);
        return queue.receive(limit, signal);
      },
    },
    async follow(hints) {
      looks.push(...hints.map(({ id }) => id));
      return 'looked';
    },
    async sleep(ms, signal) {
      if (ms < 1_000) return sleep(ms, undefined, { signal });
      const aborted = new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
      return Promise.race([overdue.passed, aborted]);
    },
    on: { received() {}, coalesced() {}, useless() {}, failed() {}, unreachable() {} },
  });
  const sqs = (operation: string, input: object) =>
    aws.call('LOCALOWNER', REGION, 'sqs', operation, { QueueUrl, ...input });
  return {
    ...{ aws, proxy, consumer, looks, overdue, receives },
    send: (name: string) =>
      sqs('SendMessage', { MessageBody: JSON.stringify(changeEvent('UpdateSecret', { secretId: name })) }),
    counts() {
      const AttributeNames = ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'];
      const counts = sqs('GetQueueAttributes', { AttributeNames })['Attributes'] as Record<string, string>;
      return AttributeNames.map((name) => Number(counts[name]));
    },
  };
}

t.test('what SQS has handed out as the process stops is there for others at once', async (t) => {
  const { aws, proxy, consumer, send, counts, looks } = await receiving(t);
  const [handedOut, held] = [gate(), gate()];
  const run = async ({ body }: { body: string }) => {
    if (!body.includes('WaitTimeSeconds')) return;
    handedOut.open();
    await held.passed;
  };
  proxy.inject('ReceiveMessage', { do: 'hook', when: 'after', run });
  void consumer.run();
  await until(() => aws.waitingReceivers() === 1);
  for (const name of ['one', 'two', 'three']) send(name);
  await handedOut.passed;
  const stopped = consumer.stop();
  held.open();
  await stopped;
  t.same(counts(), [3, 0]);
  t.same(looks, [], 'and nothing more is begun');
});

t.test('who waits for nothing is cut off', async (t) => {
  const { aws, consumer, overdue, receives } = await receiving(t);
  void consumer.run();
  await until(() => aws.waitingReceivers() === 1);
  const stopped = consumer.stop();
  t.same(
    receives.map(({ aborted }) => aborted),
    [false],
  );
  overdue.open();
  await stopped;
  t.same(
    receives.map(({ aborted }) => aborted),
    [true],
  );
});

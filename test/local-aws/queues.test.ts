import { join } from 'node:path';
import {
  ChangeMessageVisibilityCommand,
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  DeleteMessageCommand,
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  type Message,
  PurgeQueueCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SetQueueAttributesCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import t, { type Test } from 'tap';
import { type LocalAws, type LocalAwsOptions, seed, startLocalAws } from '../../src/local-aws/index.ts';
import { until } from '../wait.ts';
import { policyOf, SERVICE_ROLE, start } from './start.ts';

async function queues(t: Test, options: Partial<LocalAwsOptions> = {}) {
  let now = new Date('2026-01-01T00:00:00Z');
  const aws = await start(t, { clock: () => now, ...options });
  const owner = aws.client(SQSClient, 'LOCALOWNER');
  const create = async (QueueName: string, Attributes: Record<string, string> = {}) =>
    String((await owner.send(new CreateQueueCommand({ QueueName, Attributes }))).QueueUrl);
  const send = (QueueUrl: string, MessageBody: string) => owner.send(new SendMessageCommand({ QueueUrl, MessageBody }));
  const receive = async (QueueUrl: string, more: object = {}): Promise<Message[]> =>
    (await owner.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, ...more }))).Messages ?? [];
  const remove = (QueueUrl: string, ReceiptHandle: string | undefined) =>
    owner.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
  return { ...aws, owner, create, send, receive, remove, pass: (ms: number) => (now = new Date(now.getTime() + ms)) };
}

const bodies = (messages: Message[]) => messages.map(({ Body }) => Body);

t.test('a message is received, hidden for its time, received again, and gone once it is deleted', async (t) => {
  const { local, owner, create, send, receive, remove, pass } = await queues(t);
  const url = await create('changes', { VisibilityTimeout: '60' });
  t.equal(url, `${local.url}/111111111111/changes`);
  t.equal((await owner.send(new GetQueueUrlCommand({ QueueName: 'changes' }))).QueueUrl, url);
  const { MD5OfMessageBody } = await send(url, 'ä "first"');
  t.match(MD5OfMessageBody, /^[0-9a-f]{32}$/);

  const [first] = await receive(url, { MessageSystemAttributeNames: ['All'] });
  t.match(first, {
    Body: 'ä "first"',
    MD5OfBody: MD5OfMessageBody,
    Attributes: { SentTimestamp: '1767225600000', ApproximateReceiveCount: '1', SenderId: /^AIDA/ },
  });
  t.strictSame(await receive(url), []);
  pass(60_000);
  const [again] = await receive(url, { AttributeNames: ['ApproximateReceiveCount'] });
  t.strictSame(again?.Attributes, { ApproximateReceiveCount: '2' });
  await remove(url, first?.ReceiptHandle);
  pass(60_000);
  const [third] = await receive(url, { VisibilityTimeout: 10 });
  t.equal(third?.MessageId, first?.MessageId, 'an old handle deletes nothing');
  const change = (VisibilityTimeout: number) =>
    owner.send(
      new ChangeMessageVisibilityCommand({ QueueUrl: url, ReceiptHandle: third?.ReceiptHandle, VisibilityTimeout }),
    );
  await change(100);
  pass(99_000);
  t.strictSame(await receive(url), []);
  await change(0);
  await t.rejects(change(5), { name: 'MessageNotInflight' });
  const [last] = await receive(url);
  await remove(url, last?.ReceiptHandle);
  await remove(url, last?.ReceiptHandle);
  pass(3_600_000);
  t.strictSame(await receive(url), []);
  await t.rejects(remove(url, 'nonsense'), { name: 'ReceiptHandleIsInvalid' });
});

t.test('what is received too often goes to the dead-letter queue; what is too old is gone', async (t) => {
  const { owner, create, send, receive, pass } = await queues(t);
  const dead = await create('changes-dead');
  const redrive = (name: string) => ({
    RedrivePolicy: JSON.stringify({
      deadLetterTargetArn: `arn:aws:sqs:us-east-1:111111111111:${name}`,
      maxReceiveCount: '2',
    }),
  });
  await t.rejects(create('changes', redrive('missing')), { name: 'InvalidAttributeValue', message: /does not exist/ });
  const url = await create('changes', { VisibilityTimeout: '10', ...redrive('changes-dead') });
  await send(url, 'poison');
  for (let times = 1; times <= 2; times += 1) {
    t.strictSame(bodies(await receive(url)), ['poison']);
    pass(10_000);
  }
  t.strictSame(await receive(url), []);
  t.match(await receive(dead, { AttributeNames: ['All'] }), [
    { Body: 'poison', Attributes: { DeadLetterQueueSourceArn: 'arn:aws:sqs:us-east-1:111111111111:changes' } },
  ]);
  pass(345_600_000);
  t.strictSame(await receive(dead), []);
  const { Attributes } = await owner.send(new GetQueueAttributesCommand({ QueueUrl: dead, AttributeNames: ['All'] }));
  t.match(Attributes, { ApproximateNumberOfMessages: '0', ApproximateNumberOfMessagesNotVisible: '0' });
});

t.test('a receiver waits: for a message, for its time to be over, and not for a client that is gone', async (t) => {
  const { local, owner, create, send, receive, remove } = await queues(t, { clock: () => new Date() });
  const url = await create('changes');
  const waiting = receive(url, { WaitTimeSeconds: 20 });
  await until(() => local.waitingReceivers() === 1);
  await send(url, 'woken');
  t.equal(local.waitingReceivers(), 0, 'the arrival has woken it');
  // Where the machine stood still for twenty seconds between the two, it was its time that was over.
  const message = (await waiting)[0] ?? (await receive(url))[0];
  t.equal(message?.Body, 'woken');
  await remove(url, message?.ReceiptHandle);

  await send(url, 'comes back by itself');
  t.strictSame(bodies(await receive(url, { VisibilityTimeout: 1 })), ['comes back by itself']);
  const [back, none] = await Promise.all([
    receive(url, { WaitTimeSeconds: 20 }),
    receive(await create('empty'), { WaitTimeSeconds: 1 }),
  ]);
  t.strictSame([bodies(back), none], [['comes back by itself'], []]);

  const gone = new AbortController();
  const command = new ReceiveMessageCommand({ QueueUrl: url, WaitTimeSeconds: 20 });
  const aborted = t.rejects(owner.send(command, { abortSignal: gone.signal }), { name: 'AbortError' });
  await until(() => local.waitingReceivers() === 1);
  gone.abort();
  await aborted;
  await until(() => local.waitingReceivers() === 0);
  await send(url, 'for who is still here');
  t.strictSame(bodies(await receive(url)), ['for who is still here']);
});

t.test('who waits is let go when the stand-in closes', async (t) => {
  const local = await startLocalAws({ port: 0, file: ':memory:' });
  seed(local);
  const credentials = { accessKeyId: 'LOCALOWNER', secretAccessKey: 'any' };
  const client = new SQSClient({ endpoint: local.url, region: 'us-east-1', maxAttempts: 1, credentials });
  t.teardown(() => client.destroy());
  const { QueueUrl } = await client.send(new CreateQueueCommand({ QueueName: 'changes' }));
  const waiting = t.rejects(client.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 20 })));
  await until(() => local.waitingReceivers() === 1);
  await local.close();
  await waiting;
  t.equal(local.waitingReceivers(), 0);
});

t.test('queues and messages survive a restart, and are bounded', async (t) => {
  const file = join(t.testdir(), 'aws.sqlite');
  const call = (local: LocalAws, operation: string, input: object) =>
    local.call('LOCALOWNER', 'us-east-1', 'sqs', operation, input);
  const first = await startLocalAws({ port: 0, file });
  seed(first);
  const { QueueUrl } = call(first, 'CreateQueue', { QueueName: 'changes' });
  call(first, 'SendMessage', { QueueUrl, MessageBody: 'kept' });
  await first.close();
  const second = await startLocalAws({ port: 0, file });
  t.teardown(() => second.close());
  t.match(call(second, 'ReceiveMessage', { QueueUrl }), { Messages: [{ Body: 'kept' }] });

  const MessageBody = 'x'.repeat(1_048_576);
  const send = () => call(second, 'SendMessage', { QueueUrl, MessageBody });
  for (let count = 0; count < 15; count += 1) send();
  t.throws(send, { code: 'OverLimit' });
  call(second, 'PurgeQueue', { QueueUrl });
  t.match(send(), { MD5OfMessageBody: String });
});

t.test('batches: each entry by itself, ten at most, with names of their own', async (t) => {
  const { owner, create, receive } = await queues(t);
  const QueueUrl = await create('changes');
  const sendAll = (Entries: { Id: string; MessageBody: string }[]) =>
    owner.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
  const entry = (Id: string, MessageBody = 'x') => ({ Id, MessageBody });
  t.match(await sendAll([entry('good', 'one'), entry('bad', '\u0001'), entry('too', 'two')]), {
    Successful: [{ Id: 'good' }, { Id: 'too' }],
    Failed: [{ Id: 'bad', SenderFault: true, Code: 'InvalidMessageContents' }],
  });
  const messages = await receive(QueueUrl);
  t.strictSame(bodies(messages), ['one', 'two']);
  const Entries = messages.map(({ ReceiptHandle }, index) => ({ Id: `m${index}`, ReceiptHandle }));
  t.match(await owner.send(new DeleteMessageBatchCommand({ QueueUrl, Entries })), { Successful: [{ Id: 'm0' }, {}] });
  await t.rejects(sendAll([]), { name: 'EmptyBatchRequest' });
  await t.rejects(sendAll([entry('a'), entry('a')]), { name: 'BatchEntryIdsNotDistinct' });
  await t.rejects(sendAll([entry('a b')]), { name: 'InvalidBatchEntryId' });
  await t.rejects(sendAll(Array.from({ length: 11 }, (_, index) => entry(`e${index}`))), {
    name: 'TooManyEntriesInBatchRequest',
  });
  const half = 'x'.repeat(600_000);
  await t.rejects(sendAll([entry('a', half), entry('b', half)]), { name: 'BatchRequestTooLong' });
});

t.test('who may: the policies of the caller within the account, both sides across accounts', async (t) => {
  const { client, local, owner, create, send } = await queues(t);
  const QueueUrl = await create('changes');
  await send(QueueUrl, 'hello');
  const service = client(SQSClient, 'LOCALSERVICE');
  const app = client(SQSClient, 'LOCALAPP');
  const receive = (who: SQSClient) => who.send(new ReceiveMessageCommand({ QueueUrl, VisibilityTimeout: 0 }));
  const arn = 'arn:aws:sqs:us-east-1:111111111111:changes';
  local.directory.setIdentityPolicies(SERVICE_ROLE, []);
  await t.rejects(receive(service), {
    name: 'AccessDenied',
    message: `User: arn:aws:sts::111111111111:assumed-role/secret-access-service/local is not authorized to perform: sqs:receivemessage on resource: ${arn} because no identity-based policy allows the sqs:receivemessage action`,
  });
  const allowed = (Resource: string) => ({
    Version: '2012-10-17' as const,
    Statement: [{ Effect: 'Allow' as const, Action: 'sqs:ReceiveMessage', Resource }],
  });
  local.directory.setIdentityPolicies(SERVICE_ROLE, [allowed(arn)]);
  t.match(await receive(service), { Messages: [{ Body: 'hello' }] });
  local.directory.setIdentityPolicies('arn:aws:iam::222222222222:role/app', [allowed('*')]);
  await t.rejects(receive(app), { name: 'AccessDenied', message: /no resource-based policy/ });
  const setPolicy = (Policy: string) => owner.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { Policy } }));
  const statement = { Effect: 'Allow', Action: 'SQS:ReceiveMessage', Resource: arn };
  await setPolicy(policyOf({ ...statement, Principal: { AWS: '222222222222' } }));
  t.match(await receive(app), { Messages: [{ Body: 'hello' }] });
  await setPolicy(policyOf({ ...statement, Effect: 'Deny', Principal: '*' }));
  await t.rejects(receive(service), { message: /explicit deny in a resource-based policy/ });
  await t.rejects(setPolicy('{'), { name: 'InvalidAttributeValue' });
  await t.rejects(setPolicy(policyOf({ ...statement, Action: 's3:GetObject', Principal: '*' })), {
    name: 'InvalidAttributeValue',
  });
});

t.test('what is wrong is refused in SQS’s words', async (t) => {
  const { client, owner, create, send, receive } = await queues(t);
  const QueueUrl = await create('changes', { VisibilityTimeout: '60', MaximumMessageSize: '1024' });
  t.equal(await create('changes', { VisibilityTimeout: '60' }), QueueUrl);
  await t.rejects(create('changes', { VisibilityTimeout: '61' }), { name: 'QueueNameExists' });
  await t.rejects(create('a b'), { name: 'InvalidParameterValue' });
  await t.rejects(create('changes.fifo'), { name: 'UnsupportedOperation' });
  await t.rejects(create('other', { VisibilityTimeout: '50000' }), { name: 'InvalidAttributeValue' });
  await t.rejects(create('other', { Nonsense: '1' }), { name: 'InvalidAttributeName' });
  const missing = { name: 'QueueDoesNotExist', message: 'The specified queue does not exist.' };
  await t.rejects(receive(`${QueueUrl}s`), missing);
  await t.rejects(owner.send(new GetQueueUrlCommand({ QueueName: 'missing' })), missing);
  const elsewhere = client(SQSClient, 'LOCALOWNER', 'eu-west-1');
  await t.rejects(elsewhere.send(new ReceiveMessageCommand({ QueueUrl })), missing);
  await t.rejects(receive(`${new URL(QueueUrl).origin}/nonsense`), { name: 'InvalidAddress' });
  await t.rejects(receive(QueueUrl, { MaxNumberOfMessages: 11 }), {
    name: 'InvalidParameterValue',
    message: 'Value 11 for parameter MaxNumberOfMessages is invalid. Reason: Must be between 1 and 10, if provided.',
  });
  await t.rejects(receive(QueueUrl, { WaitTimeSeconds: 21 }), { name: 'InvalidParameterValue' });
  await t.rejects(send(QueueUrl, 'x'.repeat(1025)), { name: 'InvalidParameterValue', message: /1024 bytes/ });
  await t.rejects(send(QueueUrl, '\uffff'), { name: 'InvalidMessageContents' });
  const MessageAttributes = { a: { DataType: 'String', StringValue: 'b' } };
  const withAttributes = new SendMessageCommand({ QueueUrl, MessageBody: 'x', MessageAttributes });
  await t.rejects(owner.send(withAttributes), { name: 'UnsupportedOperation' });
  await send(QueueUrl, 'x');
  await owner.send(new PurgeQueueCommand({ QueueUrl }));
  t.strictSame(await receive(QueueUrl), []);
  await t.rejects(owner.send(new PurgeQueueCommand({ QueueUrl })), { name: 'PurgeQueueInProgress' });
  await owner.send(new DeleteQueueCommand({ QueueUrl }));
  await t.rejects(receive(QueueUrl), missing);
  const largest = await create('largest');
  const body = '"'.repeat(1_048_576);
  await send(largest, body);
  t.strictSame(bodies(await receive(largest)), [body]);
});

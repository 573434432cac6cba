import { join } from 'node:path';
import t, { type Test } from 'tap';
import { EVENTS_QUEUE } from '../../src/local-aws/index.ts';
import { changeEvent } from '../estate/change-event.ts';
import { startPostgres } from '../postgres.ts';
import { runs } from '../runs.ts';
import { gate, until } from '../wait.ts';
import { startBed } from './bed.ts';
import { pathOf, send } from './client.ts';
import { readEvents } from './journal-facts.ts';
import { type ServiceProcess, startService } from './service-process.ts';

const SECRETS = runs(12, 12, 60);
/** How often SQS gives each message to somebody, at least. */
const TIMES = 3;
const [ACCOUNT, REGION] = ['111111111111', 'us-east-1'];
const THEIRS = {
  ...{ Sid: 'Theirs', Effect: 'Allow', Principal: { AWS: 'arn:aws:iam::222222222222:root' } },
  ...{ Action: 'secretsmanager:DescribeSecret', Resource: '*' },
};
const postgres = await startPostgres(t);

/** A queue of change events, and secrets that tests change behind the back of whoever receives from it. */
async function startQueue(t: Test, database: string) {
  let ahead = 0;
  const bed = await startBed(t, { clock: () => new Date(Date.now() + ahead) });
  const owner = (service: 'sqs' | 'secretsmanager', operation: string, input: object) =>
    bed.aws.call('LOCALOWNER', REGION, service, operation, input);
  const QueueUrl = `${bed.proxy.url}/${ACCOUNT}/${EVENTS_QUEUE.split(':').at(-1)}`;
  const count = (name: string) => {
    const AttributeNames = [name];
    const { Attributes } = owner('sqs', 'GetQueueAttributes', { QueueUrl, AttributeNames });
    return Number((Attributes as Record<string, string>)[name]);
  };
  const visible = () => count('ApproximateNumberOfMessages');
  const taken = () => count('ApproximateNumberOfMessagesNotVisible');
  const env = { ESTATE_ACCOUNTS: ACCOUNT, ESTATE_REGIONS: REGION, ESTATE_EVENTS_QUEUE_URL: QueueUrl };
  const arns = Array.from({ length: SECRETS }, (_, n) =>
    String(owner('secretsmanager', 'CreateSecret', { Name: `queued/${n}`, SecretString: 'x' })['ARN']),
  );
  return {
    ...{ bed, arns, visible, taken },
    start: () => startService(t, { database, endpoint: bed.proxy.url, env: { ...env, ASSUME_ROLE_NAME: 'target' } }),
    async share({ url }: ServiceProcess) {
      const body = { principal: '333333333333', acknowledgeUnreadable: true };
      for (const arn of arns)
        t.match(await send(url, { method: 'POST', path: pathOf(arn, 'shares'), body }), { status: 201 });
    },
    changeAll() {
      for (const arn of arns) bed.attach(arn, [THEIRS]);
      const events = arns.map((secretId) => JSON.stringify(changeEvent('PutResourcePolicy', { secretId })));
      for (let time = 0; time < TIMES; time += 1)
        for (const MessageBody of events) owner('sqs', 'SendMessage', { QueueUrl, MessageBody });
    },
    isEmpty: () => visible() + taken() === 0,
    pass: (ms: number) => {
      ahead += ms;
    },
  };
}

/** Each drift is told, and told once. */
async function assertTold(t: Test, { url }: ServiceProcess, arns: readonly string[]): Promise<void> {
  const drifts = await readEvents(url, '?action=drift');
  t.strictSame(drifts.map(({ secret }) => secret.arn).toSorted(), arns.toSorted());
  t.match(await send(url, { method: 'GET', path: '/v1/audit-events/verification' }), { json: { intact: true } });
  const found = await send(url, { method: 'GET', path: '/v1/findings?kind=drift&limit=1000' });
  t.equal(found?.json.items.length, arns.length);
}

const received = async ({ url }: ServiceProcess): Promise<number> => {
  const text = (await send(url, { method: 'GET', path: '/metrics' }))?.text ?? '';
  return Number(/^secret_access_change_events_received_total (\d+)$/m.exec(text)?.[1]);
};

t.test('two replicas take from one queue together: what each message says is done, and told once', async (t) => {
  const queue = await startQueue(t, await postgres.freshDatabase());
  const replicas = [await queue.start(), await queue.start()] as const;
  await queue.share(replicas[0]);
  await until(() => queue.bed.aws.waitingReceivers() === 2);
  // Both have looked at a secret before either has it on record: the lock, or else the place in the journal, lets one tell it.
  queue.bed.proxy.inject('GetResourcePolicy', { do: 'delay', milliseconds: 300 });
  queue.changeAll();
  await until(queue.isEmpty);
  const [first, second] = await Promise.all(replicas.map(received));
  t.comment(`${first} and ${second} messages`);
  t.ok(first && second, 'both take part');
  for (const replica of replicas) await assertTold(t, replica, queue.arns);
  const opened = (await readEvents(replicas[0].url, '?action=openFinding')).map(({ secret }) => secret.arn);
  t.comment(`${opened.length} records that a finding opened`);
});

for (const [what, goesOn] of [
  ['go on', true],
  ['never end', false],
] as const)
  t.test(`told to stop while it holds messages whose looks ${what}: nothing is lost`, async (t) => {
    const queue = await startQueue(t, `sqlite:${join(t.testdir({ service: {} }), 'service', 'audit.db')}`);
    const service = await queue.start();
    await queue.share(service);
    const held = gate();
    const begun = gate();
    const run = () => {
      begun.open();
      return held.passed;
    };
    queue.bed.proxy.inject('GetResourcePolicy', { do: 'hook', run });
    queue.changeAll();
    await begun.passed;
    await until(() => queue.visible() === 0);
    const ended = service.terminate();
    if (goesOn) {
      await until(() => queue.visible() > 0);
      held.open();
    }
    t.same(await ended, [0, null]);
    t.comment(`${queue.visible()} were given back, ${queue.taken()} come again by themselves`);
    t.ok(queue.visible() > 0, 'what was not begun is there for others at once');
    queue.bed.proxy.clear();
    held.open();

    queue.pass(121_000);
    const next = await queue.start();
    await until(queue.isEmpty);
    await assertTold(t, next, queue.arns);
  });

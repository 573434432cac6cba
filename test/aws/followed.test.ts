import { STSClient } from '@aws-sdk/client-sts';
import t from 'tap';
import { createOwnAccount } from '../../src/aws/own-account.ts';
import { allowMary, policyOf } from '../local-aws/start.ts';
import { gate, until } from '../wait.ts';
import { problemOf, startAdapters } from './start.ts';

t.test('calls of one kind that run at once share the SDK’s pipeline, and nothing else', async (t) => {
  const { policies, proxy, arn } = await startAdapters(t);
  const asked: string[] = [];
  const lock = (name: string, run: () => Promise<void> = async () => {}) => ({
    async confirm() {
      asked.push(name);
      await run();
    },
    mayLandLate: () => {},
  });
  const waiting = gate();
  const text = policyOf(allowMary);
  const first = policies.put(
    arn,
    text,
    lock('first', () => waiting.passed),
  );
  const lost = problemOf(
    policies.put(
      arn,
      text,
      lock('lost', () => Promise.reject(new Error('lost'))),
    ),
  );
  t.match(await policies.put(arn, text, lock('other')), { awsRequestId: String });
  await lost;
  t.equal(proxy.calls('PutResourcePolicy'), 1, 'one whose lock is lost is not sent, nor is one that waits for its own');
  waiting.open();
  t.match(await first, { awsRequestId: String });
  t.same(asked.toSorted(), ['first', 'lost', 'other'], 'each is asked for its own lock');
});

t.test('the deadline of one call ends no other', async (t) => {
  const { policies, proxy, arn } = await startAdapters(t, { deadlineMs: 5_000 });
  const still = gate();
  const repair = proxy.inject('GetResourcePolicy', { do: 'hook', run: () => still.passed });
  const stuck = problemOf(policies.get(arn));
  await until(() => proxy.calls('GetResourcePolicy') === 1);
  repair();
  t.equal(await policies.get(arn), null);
  t.equal((await stuck).code, 'aws-unreachable');
  t.equal(await policies.get(arn), null, 'nor one that comes later');
  still.open();
});

t.test('a client that is not followed is a defect, and is told as one', async (t) => {
  const { clients, proxy } = await startAdapters(t);
  const credentials = { accessKeyId: 'LOCALSERVICE', secretAccessKey: 'any' };
  const sts = new STSClient({ region: 'us-east-1', endpoint: proxy.url, credentials });
  t.teardown(() => sts.destroy());
  const problem = await problemOf(createOwnAccount({ sts, call: clients.call }).ask());
  t.match(problem.facts.cause, { message: /not followed/ });
});

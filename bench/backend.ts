import { EVENTS_QUEUE, seed, startLocalAws } from '../src/local-aws/index.ts';
import { startFaultProxy } from '../test/aws/fault-proxy.ts';

/** AWS, as far as the benchmark goes: a process of its own, since AWS does not run in ours. Talks to service.ts by IPC. */
/** `latency`: milliseconds that every answer takes longer; `create`: so many secrets in all, `estate/0` and on. */
export type Told = { latency?: number; create?: number };

const POLICY_CALLS = ['GetResourcePolicy', 'PutResourcePolicy', 'ValidateResourcePolicy', 'DeleteResourcePolicy'];

const sendsEvents = process.argv.includes('--events');
const aws = await startLocalAws({ port: 0, file: ':memory:', ...(sendsEvents && { eventsQueue: EVENTS_QUEUE }) });
seed(aws);
const proxy = await startFaultProxy({ target: aws.url });
let undo = () => {};
let created = 0;
process.on('message', ({ latency, create = 0 }: Told) => {
  if (latency !== undefined) undo();
  if (latency !== undefined) undo = latency > 0 ? proxy.inject('*', { do: 'delay', milliseconds: latency }) : () => {};
  for (; created < create; created += 1) {
    const secret = { Name: `estate/${created}`, SecretString: 'x' };
    aws.call('LOCALOWNER', 'us-east-1', 'secretsmanager', 'CreateSecret', secret);
  }
  process.send?.({ policyCalls: POLICY_CALLS.reduce((sum, operation) => sum + proxy.calls(operation), 0) });
});
process.send?.({ url: proxy.url });

import { seed, startLocalAws } from '../src/local-aws/index.ts';
import { startFaultProxy } from '../test/aws/fault-proxy.ts';

/** AWS, as far as the benchmark goes: a process of its own, since AWS does not run in ours. Talks to service.ts by IPC. */
/** `latency`: milliseconds that every answer takes longer; `create`: so many secrets, `estate/0` and on. */
export type Told = { latency?: number; create?: number };

const POLICY_CALLS = ['GetResourcePolicy', 'PutResourcePolicy', 'ValidateResourcePolicy', 'DeleteResourcePolicy'];

const aws = await startLocalAws({ port: 0, file: ':memory:' });
seed(aws);
const proxy = await startFaultProxy({ target: aws.url });
let undo = () => {};
process.on('message', ({ latency, create = 0 }: Told) => {
  if (latency !== undefined) undo();
  if (latency !== undefined) undo = latency > 0 ? proxy.inject('*', { do: 'delay', milliseconds: latency }) : () => {};
  for (let at = 0; at < create; at += 1)
    aws.call('LOCALOWNER', 'us-east-1', 'secretsmanager', 'CreateSecret', { Name: `estate/${at}`, SecretString: 'x' });
  process.send?.({ policyCalls: POLICY_CALLS.reduce((sum, operation) => sum + proxy.calls(operation), 0) });
});
process.send?.({ url: proxy.url });

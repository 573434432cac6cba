import { EVENTS_QUEUE, seed, startLocalAws } from '../src/local-aws/index.ts';
import { startFaultProxy } from '../test/aws/fault-proxy.ts';

/** AWS, as far as the benchmark goes: a process of its own, since AWS does not run in ours. Talks to service.ts by IPC. */
/**
 * `latency`: milliseconds that every answer takes longer; `create`: so many secrets in all, `estate/0` and on, each with a policy for so
 * many `principals`.
 */
export type Told = { latency?: number; create?: number; principals?: number };

const POLICY_CALLS = ['GetResourcePolicy', 'PutResourcePolicy', 'ValidateResourcePolicy', 'DeleteResourcePolicy'];

const sendsEvents = process.argv.includes('--events');
const aws = await startLocalAws({ port: 0, file: ':memory:', ...(sendsEvents && { eventsQueue: EVENTS_QUEUE }) });
seed(aws);
const proxy = await startFaultProxy({ target: aws.url });
let undo = () => {};
let created = 0;
process.on('message', ({ latency, create = 0, principals = 0 }: Told) => {
  if (latency !== undefined) undo();
  if (latency !== undefined) undo = latency > 0 ? proxy.inject('*', { do: 'delay', milliseconds: latency }) : () => {};
  for (; created < create; created += 1) {
    const secret = { Name: `estate/${created}`, SecretString: 'x' };
    aws.call('LOCALOWNER', 'us-east-1', 'secretsmanager', 'CreateSecret', secret);
    if (principals > 0) attach(secret.Name, principals);
  }
  process.send?.({ policyCalls: POLICY_CALLS.reduce((sum, operation) => sum + proxy.calls(operation), 0) });
});
function attach(SecretId: string, principals: number): void {
  const Statement = Array.from({ length: principals }, (_, n) => ({
    ...{ Sid: `S${n}`, Effect: 'Allow', Action: 'secretsmanager:GetSecretValue', Resource: '*' },
    Principal: { AWS: `arn:aws:iam::${400_000_000_000 + n}:root` },
  }));
  const ResourcePolicy = JSON.stringify({ Version: '2012-10-17', Statement });
  aws.call('LOCALOWNER', 'us-east-1', 'secretsmanager', 'PutResourcePolicy', { SecretId, ResourcePolicy });
}
process.send?.({ url: proxy.url });

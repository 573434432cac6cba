import { once } from 'node:events';
import { setImmediate as turn } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import t, { type Test } from 'tap';
import { createAwsClients } from '../../src/aws/clients.ts';
import { createSecretPolicies } from '../../src/aws/secrets/secret-policies.ts';

/** Milliseconds. Long enough for a busy machine to ask the question in. */
const LIMIT = 1_500;
const NEVER = 600_000;

async function startPeer(t: Test) {
  const state = new Int32Array(new SharedArrayBuffer(4));
  const worker = new Worker(new URL('peer.ts', import.meta.url), { workerData: state });
  t.teardown(async () => void (await worker.terminate()));
  const [port] = await once(worker, 'message');
  return {
    endpoint: `http://127.0.0.1:${port}`,
    async asked() {
      while (Atomics.load(state, 0) !== 1) await turn();
    },
    /** Blocks this thread until the answer lies in the socket, and then for longer than the limit. */
    stall() {
      Atomics.store(state, 0, 2);
      Atomics.notify(state, 0);
      Atomics.wait(state, 0, 2);
      Atomics.wait(state, 0, 3, LIMIT);
    },
  };
}

for (const [limit, limits] of [
  ['an attempt', { callTimeoutMs: LIMIT, deadlineMs: NEVER }],
  ['a call', { callTimeoutMs: NEVER, deadlineMs: LIMIT }],
] as const) {
  t.test(`an answer that came while we stalled is taken, although the time of ${limit} is over`, async (t) => {
    const { endpoint, asked, stall } = await startPeer(t);
    const clients = createAwsClients({
      region: 'us-east-1',
      ...limits,
      maxClients: 1,
      clock: () => new Date(),
      endpoint,
      credentials: { accessKeyId: 'LOCALSERVICE', secretAccessKey: 'any' },
    });
    t.teardown(() => clients.close());
    const answer = createSecretPolicies(clients).get('name');
    await asked();
    stall();
    t.equal(await answer, null, 'no policy');
    t.match(clients.reachability(), { problem: null });
  });
}

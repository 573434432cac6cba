/**
 * A Secrets Manager on a thread of its own, so that it answers while the test's thread is blocked. It says in shared
 * memory how far it is: 1 it was asked; the test lets it answer with 2; 3 the answer lies in the client's socket.
 */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parentPort, workerData } from 'node:worker_threads';

const state: Int32Array = workerData;
const server = createServer(async (incoming, outgoing) => {
  await once(incoming.resume(), 'end');
  Atomics.store(state, 0, 1);
  await Atomics.waitAsync(state, 0, 1).value;
  outgoing.end('{"ARN":"arn","Name":"name"}', () => {
    Atomics.store(state, 0, 3);
    Atomics.notify(state, 0);
  });
}).listen(0, '127.0.0.1');
await once(server, 'listening');
parentPort?.postMessage((server.address() as AddressInfo).port);

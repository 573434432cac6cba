import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { startPostgres } from '../postgres.ts';
import { isLong, runs } from '../runs.ts';
import { eventually, gate, SLACK_MS } from '../wait.ts';
import { type Bed, startBed } from './bed.ts';
import { pathOf, send } from './client.ts';
import { openIntents, readEvents } from './journal-facts.ts';
import { type ServiceProcess, startService } from './service-process.ts';

const SECRET = 'demo/database';
/** Milliseconds from SIGTERM to the end that orchestrators are promised. A busy machine may add to it; who asks for all has an idle one. */
const PROMISED = 25_000;
const IN_TIME = PROMISED + runs(SLACK_MS, SLACK_MS, 0);
const TIMES = runs(1, 1, 20);
const postgres = await startPostgres(t);
const account = (index: number) => String(300000000000 + index);

/** What a service is busy with when it is told to stop; what it resolves to is asked of the next process. */
type Load = {
  name: string;
  slow?: true;
  begin(service: ServiceProcess, bed: Bed, t: Test): Promise<(next: ServiceProcess) => Promise<void>>;
};

const bulk = async ({ url }: ServiceProcess, count: number) => {
  const items = Array.from({ length: count }, (_, index) => ({ secretId: SECRET, principal: account(index) }));
  const begun = await send(url, { method: 'POST', path: '/v1/bulk/shares', body: { items } });
  return String(begun?.headers.get('location'));
};
const share = (principal: string) => ({ method: 'POST', path: pathOf(SECRET, 'shares'), body: { principal } }) as const;

/** A request whose answer nobody reads, over a connection that stays. */
async function ask(url: string, path: string, t: Test): Promise<Socket> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  t.teardown(() => socket.destroy());
  socket.on('error', () => {});
  await once(socket, 'connect');
  socket.write(`GET ${path} HTTP/1.1\r\nhost: ${hostname}\r\naccept: application/x-ndjson, text/event-stream\r\n\r\n`);
  return socket;
}

const loads: Load[] = [
  {
    name: 'a bulk',
    async begin(service, _, t) {
      const location = await bulk(service, 150);
      await service.event('outcome');
      return async (next) => {
        const done = await eventually(async () => {
          const { json } = (await send(next.url, { method: 'GET', path: location })) ?? {};
          if (typeof json?.finishedAt !== 'string') throw new Error(JSON.stringify(json));
          return json;
        });
        t.match(
          done,
          { status: 'done', counts: { total: 150, failed: 0 } },
          'the next process goes on, and nothing failed',
        );
      };
    },
  },
  {
    name: 'changes, with an Idempotency-Key',
    async begin({ url }, { proxy }, t) {
      const [there, goOn] = [gate(), gate()];
      const run = async () => {
        there.open();
        await goOn.passed;
      };
      proxy.inject('PutResourcePolicy', { do: 'hook', run }, (n) => n === 1);
      const answer = send(url, { ...share(account(0)), headers: { 'idempotency-key': 'stop' } });
      await there.passed;
      setTimeout(() => goOn.open(), isLong ? 12_000 : 100);
      return async () => {
        t.equal((await answer)?.status, 201);
      };
    },
  },
  {
    name: 'one who watches an operation that does not end',
    async begin(service, { proxy }, t) {
      proxy.inject('PutResourcePolicy', { do: 'hook', run: () => sleep(500) });
      const location = await bulk(service, 150);
      const socket = await ask(service.url, `${location}/events`, t);
      await once(socket, 'data');
      return async () => proxy.clear();
    },
  },
  {
    name: 'one who does not read what was asked for',
    async begin({ url }, _, t) {
      for (let index = 0; index < 60; index += 1) await send(url, share(account(index)));
      const socket = await ask(url, '/v1/audit-events', t);
      socket.pause();
      await sleep(200);
      return async () => {};
    },
  },
  {
    name: 'an AWS that does not answer',
    slow: true,
    async begin({ url }, { proxy }) {
      proxy.inject('PutResourcePolicy', { do: 'stall', when: 'before' });
      void send(url, share(account(0)));
      await eventually(() => {
        if (proxy.calls('PutResourcePolicy') === 0) throw new Error('not there yet');
      });
      return async () => proxy.clear();
    },
  },
];

for (const load of loads) {
  t.test(
    `told to stop under ${load.name}: it ends with 0, in time`,
    { skip: load.slow === true && !isLong },
    async (t) => {
      for (let time = 1; time <= TIMES; time += 1) {
        const bed = await startBed(t);
        const database =
          time % 2 === 0 ? await postgres.freshDatabase() : `sqlite:${join(t.testdir({ [time]: {} }), `${time}/a.db`)}`;
        const start = () => startService(t, { database, endpoint: bed.proxy.url });
        const service = await start();
        const afterwards = await load.begin(service, bed, t);
        const told = performance.now();
        t.same(await service.terminate(), [0, null], 'exit code and signal');
        const took = performance.now() - told;
        t.ok(took < IN_TIME, 'in time');
        t.comment(`${Math.round(took)} ms`);
        const next = await start();
        await afterwards(next);
        await eventually(async () => {
          const open = openIntents(await readEvents(next.url));
          if (open.length > 0) throw new Error(`${open.length} intents have no outcome`);
        });
        await next.kill();
      }
    },
  );
}

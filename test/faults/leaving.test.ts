import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { startBed, timesNamed } from './bed.ts';
import { eventually, pathOf, type Request, send } from './client.ts';
import { inWords, openIntents, readEvents } from './journal-facts.ts';
import { startService } from './service-process.ts';

t.setTimeout(300_000);
const SECRET = 'demo/database';
const share = (account: string): Request => ({
  method: 'POST',
  path: pathOf(SECRET, 'shares'),
  body: { principal: account },
});

async function start(t: Test) {
  const database = `sqlite:${join(t.testdir({ data: {} }), 'audit.db')}`;
  const bed = await startBed(t);
  const restart = () =>
    startService(t, { database, endpoint: bed.proxy.url, aws: { callTimeoutMs: 5_000, deadlineMs: 15_000 } });
  const service = await restart();
  return {
    ...bed,
    service,
    restart,
    named: (account: string) => timesNamed(bed.policyAt(SECRET), 'Allow', account),
    /** Resolves at the first call of an operation, which then takes a second. */
    reached: (operation: string) =>
      new Promise<void>((resolve) => {
        bed.proxy.inject(operation, { do: 'hook', run: () => resolve() }, (n) => n === 1);
        bed.proxy.inject(operation, { do: 'delay', milliseconds: 1_000 }, (n) => n === 1);
      }),
  };
}

t.test('a client that hangs up cancels nothing: its change is made, and recorded', async (t) => {
  const { service, reached, named } = await start(t);
  for (const [index, operation] of ['GetResourcePolicy', 'PutResourcePolicy'].entries()) {
    const account = `30000000000${index}`;
    const hangUp = new AbortController();
    const there = reached(operation);
    const answer = send(service.url, share(account), hangUp.signal);
    await there;
    hangUp.abort();
    t.equal(await answer, null);
    await eventually(() => {
      if (named(account) !== 1) throw new Error('not shared yet');
    });
    t.pass(`hung up at ${operation}: shared all the same`);
  }
  await eventually(async () => {
    const events = await readEvents(service.url);
    if (openIntents(events).length > 0 || events.length < 4) throw new Error('not recorded yet');
  });
  const outcomes = (await readEvents(service.url)).filter(({ phase }) => phase === 'outcome');
  t.same(outcomes.map(inWords), ['share applied', 'share applied']);
});

t.test(
  'told to stop, the service finishes what it accepted, answers it, takes nothing new, and ends with 0',
  async (t) => {
    const { service, restart, reached, named } = await start(t);
    const accounts = Array.from({ length: 10 }, (_, index) => `30000000010${index}`);
    const [first = '', ...others] = accounts;
    const there = reached('PutResourcePolicy');
    const running = [send(service.url, share(first))];
    await there;
    // These wait for the next cycle.
    running.push(...others.map((account) => send(service.url, share(account))));
    await sleep(200);
    const ended = service.terminate();
    await sleep(100);
    const late = await send(service.url, share('300000000999'));
    t.ok(late === null || late.status === 503, `a new request: ${late?.status ?? 'refused'}`);
    const answers = await Promise.all(running);
    t.same(
      answers.map((answer) => answer?.status),
      accounts.map(() => 201),
    );
    t.same(await ended, [0, null], 'exit code and signal');
    t.same(
      accounts.map(named),
      accounts.map(() => 1),
    );
    t.equal(named('300000000999'), 0);
    const events = await readEvents((await restart()).url);
    t.same(openIntents(events), []);
    t.equal(events.length, 2 * accounts.length);
  },
);

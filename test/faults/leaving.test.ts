import { join } from 'node:path';
import t, { type Test } from 'tap';
import { eventually, gate, until } from '../wait.ts';
import { startBed, timesNamed } from './bed.ts';
import { pathOf, queueDepth, type Request, send } from './client.ts';
import { inWords, openIntents, readEvents } from './journal-facts.ts';
import { startService } from './service-process.ts';

const SECRET = 'demo/database';
const share = (account: string): Request => ({
  method: 'POST',
  path: pathOf(SECRET, 'shares'),
  body: { principal: account },
});

async function start(t: Test) {
  const database = `sqlite:${join(t.testdir({ data: {} }), 'audit.db')}`;
  const bed = await startBed(t);
  const restart = () => startService(t, { database, endpoint: bed.proxy.url });
  const service = await restart();
  return {
    ...bed,
    service,
    restart,
    named: (account: string) => timesNamed(bed.policyAt(SECRET), 'Allow', account),
    /** Holds the next call of an operation up, once it is `there`, until `goOn`. */
    holdUp(operation: string) {
      const [there, goOn] = [gate(), gate()];
      const run = async () => {
        there.open();
        await goOn.passed;
      };
      bed.proxy.inject(operation, { do: 'hook', run }, (n) => n === 1);
      return { there: there.passed, goOn: goOn.open };
    },
  };
}

t.test('a client that hangs up cancels nothing: its change is made, and recorded', async (t) => {
  const { service, holdUp, named } = await start(t);
  for (const [index, operation] of ['GetResourcePolicy', 'PutResourcePolicy'].entries()) {
    const account = `30000000000${index}`;
    const hangUp = new AbortController();
    const { there, goOn } = holdUp(operation);
    const answer = send(service.url, share(account), hangUp.signal);
    await there;
    hangUp.abort();
    t.equal(await answer, null);
    goOn();
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
    const { service, restart, holdUp, named } = await start(t);
    const accounts = Array.from({ length: 10 }, (_, index) => `30000000010${index}`);
    const [first = '', ...others] = accounts;
    const { there, goOn } = holdUp('PutResourcePolicy');
    const running = [send(service.url, share(first))];
    await there;
    // These wait for the next cycle.
    running.push(...others.map((account) => send(service.url, share(account))));
    await until(async () => (await queueDepth(service.url)) === accounts.length);
    const ended = service.terminate();
    await until(async () => (await send(service.url, { method: 'GET', path: '/readyz' }))?.status !== 200);
    const late = await send(service.url, share('300000000999'));
    t.ok(late === null || late.status === 503, `a new request: ${late?.status ?? 'refused'}`);
    goOn();
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

import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import t, { type Test } from 'tap';
import { eventually, SLACK_MS } from '../wait.ts';
import { startBed, timesNamed } from './bed.ts';
import { insist, pathOf, type Request, send } from './client.ts';
import { inWords, openIntents, readEvents } from './journal-facts.ts';
import { startService } from './service-process.ts';

const SECRET = 'demo/database';
const share = (account: string): Request => ({
  method: 'POST',
  path: pathOf(SECRET, 'shares'),
  body: { principal: account },
});
/** Milliseconds: twice the limit of an append. */
const IN_TIME = 10_000 + SLACK_MS;

async function start(t: Test) {
  const file = join(t.testdir({ data: {} }), 'audit.db');
  const bed = await startBed(t);
  const service = await startService(t, { database: `sqlite:${file}`, endpoint: bed.proxy.url });
  return {
    ...bed,
    url: service.url,
    puts: () => bed.proxy.calls('PutResourcePolicy'),
    /** Another process (this one) holds the file's write lock, as a backup or a curious person may. @returns lets go */
    seize() {
      const other = new DatabaseSync(file, { timeout: 60_000 });
      other.exec('begin exclusive');
      return () => other.close();
    },
  };
}

t.test(
  'a SQLite that another process has seized: 503 in time, nothing is put, and the process still answers',
  async (t) => {
    const { url, puts, seize } = await start(t);
    const letGo = seize();
    const begun = performance.now();
    const requests = Array.from({ length: 12 }, (_, index): Request => {
      const headers = index % 2 === 0 ? { 'idempotency-key': `seized-${index}` } : {};
      return { ...share(`3000000000${10 + index}`), headers };
    });
    const [alive, ...answers] = await Promise.all([
      send(url, { method: 'GET', path: '/livez' }),
      ...requests.map((request) => send(url, request)),
    ]);
    t.ok(performance.now() - begun < IN_TIME, `in time: ${Math.round(performance.now() - begun)} ms`);
    t.equal(alive?.status, 200);
    for (const answer of answers) t.match(answer, { status: 503, json: { code: 'audit-unavailable' } });
    t.equal(puts(), 0);
    letGo();
    const again = await Promise.all(requests.map((request) => insist(() => url, request)));
    t.same([...new Set(again.map(({ status }) => status))], [201]);
  },
);

t.test('seized between intent and outcome: the caller is told in time, and the outcome follows', async (t) => {
  const { url, proxy, seize, policyAt } = await start(t);
  let letGo = () => {};
  const run = () => {
    letGo = seize();
  };
  proxy.inject('PutResourcePolicy', { do: 'hook', run }, (n) => n === 1);
  const begun = performance.now();
  const answer = await send(url, share('300000000001'));
  t.ok(performance.now() - begun < IN_TIME, 'in time');
  t.match(answer, { status: 503, json: { code: 'audit-unavailable', detail: /was changed at AWS/ } });
  t.equal(timesNamed(policyAt(SECRET), 'Allow', '300000000001'), 1);
  letGo();
  t.match(await insist(() => url, share('300000000001')), { status: 200, json: { changed: false } });
  await eventually(async () => t.same(openIntents(await readEvents(url)), []));
  const outcomes = (await readEvents(url)).filter(({ phase }) => phase === 'outcome');
  t.same(outcomes.map(inWords), ['share applied', 'share unchanged']);
});

import { join } from 'node:path';
import t from 'tap';
import { eventually, gate, until } from '../wait.ts';
import { startBed, timesNamed } from './bed.ts';
import { pathOf, queueDepth, type Request, send } from './client.ts';
import { assertJournal, openIntents, readEvents } from './journal-facts.ts';
import { startService } from './service-process.ts';

const SECRET = 'demo/database';
const NOBODY = 'arn:aws:iam::222222222222:role/nobody';
const accounts = ['300000000001', '300000000002', '300000000003'];
const share = (principal: string): Request => ({ method: 'POST', path: pathOf(SECRET, 'shares'), body: { principal } });

t.test(
  'killed while a refused batch is tried in halves: the journal tells of no document that never was',
  async (t) => {
    const bed = await startBed(t);
    const arn = bed.arnOf(SECRET);
    const before = { [arn]: bed.policyAt(SECRET) };
    const database = `sqlite:${join(t.testdir({ data: {} }), 'audit.db')}`;
    const start = () => startService(t, { database, endpoint: bed.proxy.url });
    const first = await start();

    // While the first cycle reads, the others gather for the second.
    const gathered = gate();
    bed.proxy.inject('GetResourcePolicy', { do: 'hook', run: () => gathered.passed }, (n) => n === 1);
    const answers = [];
    for (const principal of ['300000000000', NOBODY, ...accounts]) {
      answers.push(send(first.url, share(principal)));
      // In this order.
      await until(async () => (await queueDepth(first.url)) === answers.length);
    }
    gathered.open();
    // The whole batch is put, then its first half, Nobody alone (twice, with a pause for new principals), the rest of the half,
    // and at last the second half.
    const last = 1 + 1 + 1 + 2 + 1 + 1;
    bed.proxy.inject('PutResourcePolicy', { do: 'hook', when: 'after', run: first.kill }, (n) => n === last);
    const statuses = (await Promise.all(answers)).map((answer) => answer?.status ?? null);
    t.same(statuses, [201, null, null, null, null], 'the whole second cycle died');
    const policy = bed.policyAt(SECRET);
    t.same(
      accounts.map((account) => timesNamed(policy, 'Allow', account)),
      [1, 1, 1],
      'at its last Put',
    );

    const second = await start();
    await eventually(async () => {
      const open = openIntents(await readEvents(second.url));
      if (open.length > 0) throw new Error(`${open.length} intents have no outcome`);
    });
    t.match(await send(second.url, share('300000000009')), { status: 201 });
    const missing = await send(second.url, { method: 'GET', path: pathOf(SECRET, 'policy') });
    t.same(missing?.json.missing, [], 'nobody is missed');
    await assertJournal(t, second.url, { policies: { [arn]: bed.policyAt(SECRET) }, before, changeIds: [] });
  },
);

import t from 'tap';
import { build, MARY } from '../helper.ts';
import { matchList } from '../match-list.ts';

const BASE = '/v1/secrets/demo%2Fdatabase';

t.test('an expired share is taken out by the service itself, and only that one', async (t) => {
  let now = new Date('2026-11-25T12:00:00Z');
  const { call, app } = await build(t, { overrides: { clock: () => now } });
  const short = await call('POST', `${BASE}/shares`, { principal: MARY, expiresAt: '2026-11-25T13:00:00Z' });
  const long = await call('POST', `${BASE}/shares`, { principal: MARY, expiresAt: '2026-11-26T13:00:00Z' });
  t.same([short.status, long.status], [201, 201]);

  await app.services.sweeper.run();
  t.equal((await call('GET', `${BASE}/shares`)).json.items.length, 2);
  now = new Date('2026-11-25T13:00:01Z');
  await app.services.sweeper.run();
  matchList(t, (await call('GET', `${BASE}/shares`)).json.items, [{ id: long.json.share.id }]);
  matchList(t, (await call('GET', '/v1/audit-events?action=expire')).json.items, [
    { phase: 'outcome', outcome: 'applied', actor: { method: 'system' } },
    { phase: 'intent' },
  ]);
  await app.services.sweeper.run();
  t.equal((await call('GET', '/v1/audit-events?action=expire')).json.items.length, 2, 'it is done once');
});

t.test('an orphan can be pruned when it was seen twice, five minutes apart', async (t) => {
  let now = new Date('2026-11-25T12:00:00Z');
  const { call, aws } = await build(t, { overrides: { clock: () => now } });
  await call('POST', `${BASE}/shares`, { principal: MARY });
  const kept = await call('POST', `${BASE}/shares`, { principal: '222222222222' });
  aws.directory.deletePrincipal(MARY);
  matchList(t, (await call('GET', `${BASE}/policy`)).json.shares, [{ orphaned: true }, { orphaned: false }]);

  const early = await call('POST', `${BASE}/policy/prune`, {});
  t.match(early.json, { changed: false, warnings: [{ code: 'orphan-seen-once' }] });
  now = new Date('2026-11-25T12:05:01Z');
  const pruned = await call('POST', `${BASE}/policy/prune`, { reason: 'Mary left' });
  t.equal(pruned.json.changed, true);
  matchList(t, (await call('GET', `${BASE}/shares`)).json.items, [{ id: kept.json.share.id }]);
  matchList(t, (await call('GET', '/v1/audit-events?action=prune&outcome=applied')).json.items, [
    { reason: 'Mary left' },
  ]);
});

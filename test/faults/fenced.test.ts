import { sql } from 'kysely';
import t, { type Test } from 'tap';
import { connect } from '../../src/database/connect.ts';
import { startPostgres } from '../postgres.ts';
import { gate } from '../wait.ts';
import { startBed, timesNamed } from './bed.ts';
import { insist, pathOf, type Request, send } from './client.ts';
import { assertJournal, inWords, readEvents } from './journal-facts.ts';
import { startService } from './service-process.ts';

const SECRET = 'demo/database';
const [ANNS, BOBS, CARLS] = ['300000000001', '300000000002', '300000000003'];
const postgres = await startPostgres(t);
const post = (kind: 'shares' | 'denials', principal: string): Request => ({
  method: 'POST',
  path: pathOf(SECRET, kind),
  body: { principal },
});

/** Two replicas, and what ends the sessions that hold locks of secrets, as a failover or a pooler does. */
async function start(t: Test) {
  const bed = await startBed(t);
  const database = await postgres.freshDatabase();
  const settings = { database, endpoint: bed.proxy.url, timing: { landedAfterMs: 1_000 } };
  const [ann, bob] = await Promise.all([startService(t, settings), startService(t, settings)]);
  const tool = await connect(database, { as: 'tool' });
  t.teardown(() => tool.close());
  const locks = sql`select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and granted`;
  return { ...bed, ann, bob, endLocks: () => locks.execute(tool.kysely) };
}

const outcomesOf = async (url: string) =>
  (await readEvents(url)).filter(({ phase }) => phase === 'outcome').map(inWords);

t.test('a replica that stood still between intent and Put, and lost its lock, puts nothing', async (t) => {
  const { ann, bob, proxy, policyAt, arnOf, endLocks } = await start(t);
  const before = { [arnOf(SECRET)]: policyAt(SECRET) };
  const stopped = gate();
  let goOn = () => {};
  const run = () => {
    goOn = ann.pause();
    stopped.open();
  };
  // Of a denial: its intent is durable by then.
  proxy.inject('ValidateResourcePolicy', { do: 'hook', when: 'after', run }, (n) => n === 1);
  const denied = send(ann.url, post('denials', ANNS));
  await stopped.passed;
  await endLocks();
  const shared = await insist(() => bob.url, post('shares', BOBS));
  t.equal(shared.status, 201);
  goOn();
  t.match(await denied, { status: 503, json: { code: 'audit-unavailable' } });
  t.equal(proxy.calls('PutResourcePolicy'), 1);
  t.equal(timesNamed(policyAt(SECRET), 'Allow', BOBS), 1);
  t.same(await outcomesOf(bob.url), ['deny failed (reconciled)', 'share applied']);
  const policies = { [arnOf(SECRET)]: policyAt(SECRET) };
  await assertJournal(t, bob.url, { policies, before, changeIds: [shared.json.changeId] });
});

t.test('what landed long after its lock was lost is a conflict, and what it undid is missed', async (t) => {
  const { ann, bob, proxy, policyAt, endLocks } = await start(t);
  const [there, release] = [gate(), gate()];
  const run = async () => {
    there.open();
    await release.passed;
  };
  proxy.inject('PutResourcePolicy', { do: 'hook', run }, (n) => n === 1);
  const late = send(ann.url, post('shares', ANNS));
  await there.passed;
  await endLocks();
  t.equal((await insist(() => bob.url, post('shares', BOBS))).status, 201);
  release.open();
  t.match(await late, { status: 503, json: { code: 'audit-unavailable' } });
  t.equal(timesNamed(policyAt(SECRET), 'Allow', BOBS), 0, 'AWS has no compare-and-swap');
  const conflict = ['share failed (reconciled)', 'share applied', 'share unknown (conflict)'];
  t.same(await outcomesOf(bob.url), conflict);
  const look = await send(bob.url, { method: 'GET', path: pathOf(SECRET, 'policy') });
  t.match(look?.json.missing, [{ principal: BOBS }]);
  t.equal((await insist(() => bob.url, post('shares', CARLS))).status, 201);
  const drift = (await readEvents(bob.url)).find(({ action }) => action === 'drift');
  t.match(drift, { actor: { subject: 'secret-access-service', method: 'system' }, request: { landedLate: /^/ } });
});

t.test('one whose change another replica has found applied answers as if nothing had been', async (t) => {
  const { ann, bob, proxy, endLocks } = await start(t);
  const [there, goOn] = [gate(), gate()];
  const run = async () => {
    there.open();
    await goOn.passed;
  };
  proxy.inject('PutResourcePolicy', { do: 'hook', when: 'after', run }, (n) => n === 1);
  const first = send(ann.url, post('shares', ANNS));
  await there.passed;
  await endLocks();
  t.equal((await insist(() => bob.url, post('shares', BOBS))).status, 201);
  goOn.open();
  t.equal((await first)?.status, 201);
  t.same(await outcomesOf(bob.url), ['share applied', 'share applied']);
});

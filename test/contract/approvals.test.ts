import t from 'tap';
import type { Approval } from '../../src/access/approvals/approval.ts';
import { createApprovalStore } from '../../src/database/approvals.ts';
import { matchList } from '../match-list.ts';
import { onEveryDatabase } from './on-every-database.ts';

const MINUTE = 60_000;
const START = Date.UTC(2026, 0, 1);
const idOf = (index: number) => `01890a5d-ac96-774b-bcce-${String(index).padStart(12, '0')}`;
const requester = {
  identity: { subject: 'mary', issuer: null, method: 'jwt' as const, groups: [], scopes: [] },
  source: { ip: null, userAgent: null },
  requestId: null,
  traceId: null,
};
const decision = { by: requester, at: '2026-01-01T00:00:00.000Z', reason: 'yes' };

/** The index-th of those that wait; each expires a minute after the one before. */
const approval = (index: number): Approval => ({
  id: idOf(index),
  status: 'pending',
  group: 'security',
  asked: {
    changeId: idOf(index),
    requester,
    action: 'share',
    secretId: 'arn',
    request: { principal: '222222222222' },
    reason: 'because',
    ticket: null,
    ifMatch: null,
    ifNoneMatch: false,
    dryRun: false,
  },
  guard: { action: 'share', context: { escalates: false } },
  secret: { arn: 'arn', name: 'prod/db', account: '111111111111', region: 'us-east-1', tags: { team: 'payments' } },
  summary: 'nobody gains or loses access to prod/db.',
  effect: { gains: [], loses: [] },
  diff: [],
  warnings: [],
  requestedAt: new Date(START).toISOString(),
  expiresAt: new Date(START + index * MINUTE).toISOString(),
  decision: null,
  problem: null,
});

onEveryDatabase(t, async (t, { kind, open, freshUrl }) => {
  const time = () => {
    const now = { ms: START };
    return { clock: () => new Date(now.ms), pass: (ms: number) => (now.ms += ms) };
  };
  const approve = { status: 'approved', decision, problem: null, left: 'forMe' } as const;

  await t.test('what is added is found as it was', async (t) => {
    const store = createApprovalStore({ database: await open(t), clock: time().clock });
    await store.add(approval(1));
    t.same(await store.find(idOf(1)), approval(1));
    t.equal(await store.find(idOf(2)), null);
  });

  await t.test('lists have pages, newest first, by status and by when their time is over', async (t) => {
    const store = createApprovalStore({ database: await open(t), clock: time().clock });
    for (const index of [1, 2, 3, 4, 5]) await store.add(approval(index));
    await store.move(idOf(4), 'pending', { status: 'rejected', decision, problem: null, left: 'nothing' });
    const ids = (page: { items: Approval[] }) => page.items.map(({ id }) => Number(id.slice(-2)));
    const first = await store.list({ status: 'pending' }, { limit: 2 });
    t.same(ids(first), [5, 3]);
    const rest = await store.list({ status: 'pending' }, { limit: 2, cursor: String(first.nextCursor) });
    t.same(ids(rest), [2, 1]);
    t.equal(rest.nextCursor, null);
    t.same(ids(await store.list({ status: 'pending', expiresBy: new Date(START + 2 * MINUTE) }, { limit: 9 })), [2, 1]);
    t.match(await store.list({ status: 'rejected' }, { limit: 9 }), { items: [{ decision }] });
    await t.rejects(store.list({}, { limit: 1, cursor: 'x' }), { code: 'validation-failed' });
  });

  await t.test('of many who move it on one does', async (t) => {
    const url = await freshUrl();
    const databases = kind === 'sqlite' ? [await open(t, { url })] : [await open(t, { url }), await open(t, { url })];
    const stores = databases.map((database) => createApprovalStore({ database, clock: time().clock }));
    await stores[0]?.add(approval(1));
    const won = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        stores[index % stores.length]?.move(idOf(1), 'pending', {
          ...approve,
          status: index % 2 === 0 ? 'approved' : 'rejected',
        }),
      ),
    );
    t.equal(won.filter(Boolean).length, 1);
    t.equal(await stores[0]?.move(idOf(1), 'pending', approve), false);
  });

  await t.test('what a process leaves undone goes to one other, and what it still does does not', async (t) => {
    const url = await freshUrl();
    const { clock, pass } = time();
    const [mine, other] =
      kind === 'sqlite'
        ? Array(2).fill(createApprovalStore({ database: await open(t, { url }), clock }))
        : [
            createApprovalStore({ database: await open(t, { url }), clock }),
            createApprovalStore({ database: await open(t, { url }), clock }),
          ];
    for (const index of [1, 2, 3]) await mine.add(approval(index));
    await mine.move(idOf(1), 'pending', approve);
    await mine.move(idOf(2), 'pending', { ...approve, left: 'forAnyone' });
    const taken = await Promise.all([mine.takeLeft(), other.takeLeft()]);
    matchList(t, taken.flat(), [{ id: idOf(2), status: 'approved', decision }]);
    t.equal(taken.flat().length, 1);
    t.same(await other.takeLeft(), [], 'not again while that one does it');
    pass(5 * MINUTE);
    t.same((await other.takeLeft()).map(({ id }: Approval) => id).sort(), [idOf(1), idOf(2)]);
    await other.move(idOf(1), 'approved', { status: 'applied', problem: null, left: 'nothing' });
    await other.move(idOf(2), 'approved', { status: 'failed', problem: { code: 'c', detail: 'd' }, left: 'nothing' });
    pass(60 * MINUTE);
    t.same(await mine.takeLeft(), []);
    t.match(await mine.find(idOf(2)), { status: 'failed', problem: { code: 'c', detail: 'd' }, decision });
  });

  if (kind === 'sqlite') {
    await t.test('after a restart nothing waits for a lease: the process that had it is gone', async (t) => {
      const database = await open(t);
      const { clock } = time();
      const before = createApprovalStore({ database, clock });
      await before.add(approval(1));
      await before.move(idOf(1), 'pending', approve);
      t.same(await before.takeLeft(), []);
      t.match(await createApprovalStore({ database, clock }).takeLeft(), [{ id: idOf(1) }]);
    });
  }
});

import { readFileSync, writeFileSync } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import t from 'tap';
import { createInboxWatch } from '../../src/access/approvals/watch-inbox.ts';
import type { Identity } from '../../src/access/identity.ts';
import { createApprovalStore } from '../../src/database/approvals.ts';
import { connect } from '../../src/database/connect.ts';
import { buildWithCallers } from '../callers.ts';
import { MARY } from '../helper.ts';
import { SHARES, SHARES_WAIT } from './approvals.ts';

const PEOPLE = {
  mary: { groups: ['payments'] },
  sam: { groups: ['security'] },
  stranger: { scopes: ['audit:read'] },
};

const service = buildWithCallers(t, PEOPLE, { policies: { 'write.cedar': SHARES_WAIT } });

t.test('who watches is told what becomes of each approval that the list shows them', async (t) => {
  const { app, as, keys } = await service;

  /** What one is told from now on. */
  async function watch(who: keyof typeof PEOPLE) {
    const answer = await app.inject({
      ...{ url: '/v1/approvals/events', headers: { 'x-api-key': keys[who] }, payloadAsStream: true },
    });
    t.equal(answer.headers['content-type'], 'text/event-stream');
    const stream = answer.stream().setEncoding('utf8');
    let told = '';
    /** Reads on until all of it that there is ends so. */
    const until = async (end: string) => {
      for await (const text of stream.iterator({ destroyOnReturn: false })) {
        told += text;
        if (told.endsWith(end)) break;
      }
      return told;
    };
    t.equal(await until('\n\n'), 'event: open\ndata: {}\n\n');
    t.teardown(() => answer.raw.res.destroy());
    return { until, rest: () => String(stream.read() ?? '') };
  }

  const [mary, sam, stranger] = [await watch('mary'), await watch('sam'), await watch('stranger')];
  const { approvalId } = (await as('mary').post(SHARES, { principal: MARY })).json;
  const changed = (status: string) => `event: changed\ndata: ${JSON.stringify({ approvalId, status })}\n\n`;
  const asked = `event: open\ndata: {}\n\n${changed('pending')}`;
  t.equal(await sam.until(changed('pending')), asked);
  await as('sam').post(`/v1/approvals/${approvalId}/reject`);
  t.equal(await sam.until(changed('rejected')), asked + changed('rejected'));
  t.equal(await mary.until(changed('rejected')), asked + changed('rejected'), 'and who asked');
  t.equal(stranger.rest(), '', 'and nobody else');
  const head = await app.inject({ method: 'HEAD', url: '/v1/approvals/events', headers: { 'x-api-key': keys.sam } });
  t.equal(head.statusCode, 404, 'of a HEAD nothing goes on');
});

t.test('a key that is taken away ends what it watches', async (t) => {
  const { app, keys, env } = await service;
  const answer = await app.inject({
    ...{ url: '/v1/approvals/events', headers: { 'x-api-key': keys.stranger }, payloadAsStream: true },
  });
  const file = env['API_KEYS_FILE'] ?? '';
  const entries: { subject: string }[] = JSON.parse(readFileSync(file, 'utf8'));
  writeFileSync(file, JSON.stringify(entries.filter(({ subject }) => subject !== 'stranger')));
  let told = '';
  for await (const text of answer.stream().setEncoding('utf8')) told += text;
  t.match(told, /^event: open\ndata: \{\}\n\n(: nothing new\n\n)?$/, 'with the next silence or the one after it');
  t.equal((await app.inject({ url: '/v1/me', headers: { 'x-api-key': keys.stranger } })).statusCode, 401);
});

t.test('one look a second is for all who watch, and each says now and then that it is there', async (t) => {
  const { app, as, env } = await service;
  const { approvalId } = (await as('mary').post(SHARES, { principal: MARY })).json;
  await app.close();
  const database = await connect(env.DATABASE_URL);
  t.teardown(() => database.close());
  let now = Date.now();
  let looks = 0;
  const clock = () => new Date(now);
  const store = createApprovalStore({ database, clock });
  const { begin } = createInboxWatch({
    approvals: {
      find: store.find,
      statuses(since) {
        looks += 1;
        return store.statuses(since);
      },
    },
    sees: async () => true,
    clock,
    async sleep(ms) {
      await nextTurn();
      now += ms;
    },
  });
  const sam: Identity = { subject: 'sam', issuer: null, method: 'apiKey', groups: [], scopes: [] };
  const watch = async () => (await begin(sam))(new AbortController().signal);
  const began = now;
  const quiet = Array.from({ length: 60 }, () => null);
  const all = [Array.fromAsync(await watch()), Array.fromAsync(await watch())];
  t.same(await Promise.all(all), [quiet, quiet], 'what is open, and what grows old, is no news');
  t.equal(now - began, 15 * 60_000, 'then who watches comes again');
  t.equal(looks, 2 + 15 * 60);

  const next = (await watch())[Symbol.asyncIterator]();
  await store.move(approvalId, 'pending', { status: 'expired', problem: null, left: 'nothing' });
  t.same(
    (await next.next()).value,
    { approvalId, status: 'expired' },
    'what another replica does, long after it was asked',
  );
  await next.return?.();
});

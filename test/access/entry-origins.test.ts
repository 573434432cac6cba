import t from 'tap';
import { createEntryOrigins } from '../../src/access/looks/entry-origins.ts';
import { createOpenAuthenticator } from '../../src/authentication/none.ts';
import { buildWithCallers } from '../callers.ts';
import { build, MARY } from '../helper.ts';
import { matchList } from '../match-list.ts';

const SECRET = '/v1/secrets/demo%2Fdatabase';
const SHARES = `${SECRET}/shares`;
const UNKNOWN = { by: null, at: null, reason: null, ticket: null, changeId: null };

const groups = ['secret-admins'];

t.test('entries say by whom, when, why and by which change they were made', async (t) => {
  const { as } = await buildWithCallers(t, { ann: { groups }, bob: { groups } });
  const mary = await as('ann').post(SHARES, { principal: MARY, reason: 'report', ticket: 'OPS-1' });
  const other = await as('bob').post(SHARES, { principal: '222222222222', reason: 'batch' });
  t.equal(other.json.share.sid, mary.json.share.sid, 'in one statement');
  const denial = await as('bob').post(`${SECRET}/denials`, { principal: MARY, reason: 'left the team' });

  const ofMary = { by: { subject: 'ann' }, reason: 'report', ticket: 'OPS-1', changeId: mary.json.changeId };
  const ofOther = { by: { subject: 'bob' }, reason: 'batch', ticket: null, changeId: other.json.changeId };
  const ofDenial = {
    by: { subject: 'bob', method: 'apiKey' },
    reason: 'left the team',
    changeId: denial.json.changeId,
  };
  const event = await as('ann').get(`/v1/audit-events?changeId=${mary.json.changeId}&phase=outcome`);
  const one = await as('ann').get(`${SHARES}/${mary.json.share.id}`);
  t.match(one.json, { ...ofMary, at: event.json.items[0].time });

  const byChange = (entries: { changeId: string }[]) => entries.toSorted((a, b) => (a.changeId < b.changeId ? -1 : 1));
  matchList(t, byChange((await as('ann').get(SHARES)).json.items), [ofMary, ofOther]);
  const policy = (await as('ann').get(`${SECRET}/policy`)).json;
  matchList(t, byChange(policy.shares), [ofMary, ofOther]);
  matchList(t, policy.denials, [ofDenial]);
  const readers = (await as('ann').get(`${SECRET}/readers`)).json.items;
  const reader = readers.find(({ principal }: { principal: string }) => principal === MARY);
  matchList(t, byChange(reader.entries), [ofMary, ofDenial]);

  await t.test('what was made again is of the latter; what a rollback brought back, of the rollback', async (t) => {
    const location = `${SHARES}/${mary.json.share.id}`;
    t.match((await as('ann').get(location)).json, { by: { subject: 'ann' } });
    const revoked = await as('ann').delete(location);
    const again = await as('bob').post(SHARES, { principal: MARY });
    t.match((await as('ann').get(location)).json, {
      by: { subject: 'bob' },
      reason: null,
      changeId: again.json.changeId,
    });
    await as('bob').delete(location);
    const back = await as('ann').post(
      `${SECRET}/policy/rollback`,
      { changeId: revoked.json.changeId, reason: 'by mistake' },
      { 'if-match': '*' },
    );
    t.equal(back.status, 200, back.body);
    t.match((await as('ann').get(location)).json, { reason: 'by mistake', changeId: back.json.changeId });
    const repeated = await as('bob').post(SHARES, { principal: MARY, reason: 'not needed' });
    t.equal(repeated.json.changed, false);
    t.match(
      (await as('ann').get(location)).json,
      { changeId: back.json.changeId },
      'what changed nothing made nothing',
    );
  });
});

t.test('who may not read the journal of a secret is told of own changes only', async (t) => {
  const legal = `@id("legal-only") forbid (principal, action == Action::"readAudit", resource is Secret)
unless { principal.subject == "lee" };`;
  const people = {
    ann: { groups, scopes: ['policy:read', 'policy:write'] },
    bob: { groups, scopes: ['policy:read'] },
    carl: { groups },
    lee: { groups },
  };
  const { as } = await buildWithCallers(t, people, { policies: { 'legal.cedar': legal } });
  const { json } = await as('ann').post(SHARES, { principal: MARY, reason: 'the merger' });
  const known = { by: { subject: 'ann' }, reason: 'the merger', changeId: json.changeId };
  for (const [who, told] of [
    ['ann', known],
    ['bob', UNKNOWN],
    ['carl', UNKNOWN],
    ['lee', known],
  ] as const) {
    matchList(t, (await as(who).get(SHARES)).json.items, [told], who);
    t.match((await as(who).get(`${SHARES}/${json.share.id}`)).json, told, who);
    t.match((await as(who).get(`${SECRET}/policy`)).json.shares[0], told, who);
    const readers = (await as(who).get(`${SECRET}/readers`)).json.items;
    matchList(t, readers.find(({ principal }: { principal: string }) => principal === MARY).entries, [told], who);
  }
});

t.test('what the journal does not know is null', async (t) => {
  const { call, aws, app } = await build(t);
  const made = await call('POST', SHARES, { principal: MARY });
  const elsewhere = await build(t, { aws });
  t.match((await elsewhere.call('GET', SHARES)).json.items, [UNKNOWN], 'another journal made it');
  t.match((await call('GET', SHARES)).json.items, [{ changeId: made.json.changeId }]);

  await t.test('looking again asks for the newest outcome only, however many entries there are', async (t) => {
    const { journal } = app.services;
    const asked: string[] = [];
    const trail = {
      lastOutcome(arn: string) {
        asked.push('last');
        return journal.lastOutcome(arn);
      },
      appliedTo(arn: string, before: number) {
        asked.push('applied');
        return journal.appliedTo(arn, before);
      },
    };
    const origins = createEntryOrigins(trail, app.services.authorizer);
    const identity = await createOpenAuthenticator().authenticate({});
    const { secret } = await app.services.viewer.view(identity, 'demo/database');
    const accounts = Array.from({ length: 12 }, (_, index) => String(333_333_333_000 + index));
    for (const principal of accounts) await call('POST', SHARES, { principal, reason: principal });
    const { items } = (await call('GET', SHARES)).json;
    const look = async () => {
      asked.length = 0;
      const told = await origins(identity, secret, items);
      return items.map((item: (typeof items)[number]) => told(item));
    };
    t.same(await look(), items);
    t.same(asked, ['last', 'applied', 'applied'], 'ten at a time');
    t.same(await look(), items);
    t.same(asked, ['last']);
    await call('DELETE', `${SHARES}/${items[0].id}`);
    const now = await look();
    t.same(asked, ['last', 'applied']);
    t.match(now[0], UNKNOWN, 'whoever made it again, it is not on record');
    t.same(now.slice(1), items.slice(1));
  });
});

import t from 'tap';
import { build, MARY } from '../helper.ts';
import { matchList } from '../match-list.ts';

const BASE = '/v1/secrets/demo%2Fdatabase';

t.test('an expired share is taken out by the service itself, and only that one', async (t) => {
  let now = new Date('2026-11-25T12:00:00Z');
  const { call, app } = await build(t, { overrides: { clock: () => now } });
  const short = await call('POST', `${BASE}/shares`, { principal: MARY, expiresAt: '2026-11-25T13:00:00Z' });
  const long = await call('POST', `${BASE}/shares`, { principal: '222222222222', expiresAt: '2026-11-26T13:00:00Z' });
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

t.test('a share that differs in nothing but a later end takes the place of the one there is', async (t) => {
  const clock = () => new Date('2026-11-25T12:00:00Z');
  const { call } = await build(t, { env: { AWS_REQUESTS_PER_SECOND: '1000' }, overrides: { clock } });
  const share = async (body: object) => (await call('POST', `${BASE}/shares`, body)).json;
  const listed = async () => (await call('GET', `${BASE}/shares`)).json.items;
  const [account, day, month] = ['222222222222', '2026-11-26T12:00:00Z', '2026-12-25T12:00:00Z'];

  await share({ principal: MARY, expiresAt: day });
  await share({ principal: account, expiresAt: day });
  const other = await share({ principal: account, expiresAt: day, actions: ['secretsmanager:GetSecretValue'] });
  const rehearsed = (await call('POST', `${BASE}/shares?dryRun=true`, { principal: account, expiresAt: month })).json;
  const longer = await share({ principal: account, expiresAt: month });
  matchList(t, longer.warnings, [
    {
      code: 'share-extended',
      message: `It takes the place of the share with account ${account}, which would have ended at ${day}.`,
    },
  ]);
  t.match(
    longer.effect,
    { gains: [{ conditions: [`From ${day} on.`, `Until ${month}.`] }], loses: [] },
    'a later end is a gain',
  );
  t.same(rehearsed.effect, longer.effect);
  const ids = async () => (await listed()).map(({ id }: { id: string }) => id).sort();
  const marys = (await listed()).find(({ principal }: { principal: string }) => principal === MARY).id;
  t.same(await ids(), [marys, other.share.id, longer.share.id].sort(), 'others stay');

  const forGood = await share({ principal: account });
  t.same(await ids(), [marys, other.share.id, forGood.share.id].sort(), 'no end is later than any');
  const sooner = await share({ principal: account, expiresAt: day });
  t.same(sooner.warnings, []);
  t.same(
    await ids(),
    [marys, other.share.id, forGood.share.id, sooner.share.id].sort(),
    'a sooner end takes nothing away: that is to revoke',
  );
  t.match(await share({ principal: account }), { changed: false, share: { id: forGood.share.id } });
});

t.test('a secret that can’t be changed now is tried again in five minutes, and holds up no other', async (t) => {
  let now = new Date('2026-11-25T12:00:00Z');
  const { call, app, aws } = await build(t, { overrides: { clock: () => now } });
  const [stuck, other] = ['/v1/secrets/demo%2Fapi-key', BASE];
  for (const secret of [stuck, other])
    await call('POST', `${secret}/shares`, { principal: MARY, expiresAt: '2026-11-25T13:00:00Z' });
  const { arn } = (await call('GET', stuck)).json;
  const SERVICE = 'arn:aws:iam::111111111111:role/secret-access-service';
  const { policies } = aws.directory.find(SERVICE) ?? { policies: [] };
  const deny = { Effect: 'Deny', Action: 'secretsmanager:PutResourcePolicy', Resource: arn } as const;
  const remove = { ...deny, Action: 'secretsmanager:DeleteResourcePolicy' } as const;
  aws.directory.setIdentityPolicies(SERVICE, [...policies, { Version: '2012-10-17', Statement: [deny, remove] }]);
  const left = async () =>
    Promise.all([stuck, other].map(async (secret) => (await call('GET', `${secret}/shares`)).json.items.length));

  now = new Date('2026-11-25T13:00:01Z');
  await app.services.sweeper.run();
  t.same(await left(), [1, 0]);
  aws.directory.setIdentityPolicies(SERVICE, policies);
  t.equal(await app.services.sweeper.run(), 0, 'not at once');
  now = new Date('2026-11-25T13:05:02Z');
  t.equal(await app.services.sweeper.run(), 1);
  t.same(await left(), [0, 0]);
});

t.test('an orphan can be pruned when it was seen twice, five minutes apart', async (t) => {
  let now = new Date('2026-11-25T12:00:00Z');
  const { call, aws } = await build(t, { overrides: { clock: () => now } });
  await call('POST', `${BASE}/shares`, { principal: MARY });
  const kept = await call('POST', `${BASE}/shares`, { principal: '222222222222' });
  aws.directory.deletePrincipal(MARY);
  matchList(t, (await call('GET', `${BASE}/policy`)).json.shares, [{ orphaned: true }, { orphaned: false }]);

  const seen = { 'if-match': (await call('GET', `${BASE}/policy`)).json.etag };
  const early = await call('POST', `${BASE}/policy/prune`, {}, seen);
  t.match(early.json, { changed: false, warnings: [{ code: 'orphan-seen-once' }] });
  now = new Date('2026-11-25T12:05:01Z');
  const pruned = await call('POST', `${BASE}/policy/prune`, { reason: 'Mary left' }, seen);
  t.equal(pruned.json.changed, true);
  matchList(t, (await call('GET', `${BASE}/shares`)).json.items, [{ id: kept.json.share.id }]);
  matchList(t, (await call('GET', '/v1/audit-events?action=prune&outcome=applied')).json.items, [
    { reason: 'Mary left' },
  ]);
});

import root from 'tap';
import { buildWithCallers } from '../callers.ts';
import { build, type Call, MARY } from '../helper.ts';

const DATABASE = '/v1/secrets/demo%2Fdatabase';

root.test('who can read: one item a reader, with why, until when, and what else it takes', async (t) => {
  const { call } = await build(t);
  const expiresAt = '2099-01-01T00:00:00Z';
  const share = (await call('POST', `${DATABASE}/shares`, { principal: MARY, expiresAt })).json.share;
  const denial = (await call('POST', `${DATABASE}/denials`, { principal: 'arn:aws:iam::222222222222:role/app' })).json;
  const { status, json } = await call('GET', `${DATABASE}/readers`);
  t.equal(status, 200);
  t.match(json, {
    items: [
      {
        principal: MARY,
        kind: 'user',
        decision: 'allowed',
        because: [{ index: 0, sid: share.sid }],
        deniedBy: [],
        dependsOn: [],
        entryIds: [share.id],
        expiresAt,
        expired: false,
        orphaned: false,
        legs: [{ status: 'done' }, { status: 'done' }, { status: 'unknown' }],
      },
    ],
    nextCursor: null,
    denied: [
      {
        principal: 'arn:aws:iam::222222222222:role/app',
        kind: 'role',
        entryIds: [denial.denial.id],
        deniedBy: [{ index: 1, sid: denial.denial.sid }],
        dependsOn: [],
      },
    ],
    notes: [/own account 111111111111/],
  });
  t.equal(json.items.length + json.denied.length, 2);
  t.equal(
    json.etag,
    (await call('GET', `${DATABASE}/policy`)).json.etag,
    'statements have their places in this policy',
  );
});

root.test('nobody reads a secret without a policy but the owner', async (t) => {
  const { call } = await build(t);
  const { json } = await call('GET', `${DATABASE}/readers`);
  t.match(json, { items: [], nextCursor: null, denied: [], notes: [/identity policy alone/] });
});

root.test('bad questions are refused', async (t) => {
  const { call } = await build(t);
  for (const query of ['limit=0', 'limit=1001', 'cursor=nonsense', 'principal=x']) {
    t.equal((await call('GET', `${DATABASE}/readers?${query}`)).json.code, 'validation-failed', query);
  }
  t.equal((await call('GET', '/v1/secrets/nothing/readers')).json.code, 'secret-not-found');
});

root.test('looking takes the scope policy:read', async (t) => {
  const { call, as } = await buildWithCallers(t, {
    reader: { scopes: ['policy:read'] },
    auditor: { scopes: ['audit:read'] },
  });
  const looks: Parameters<Call>[] = [
    ['GET', `${DATABASE}/readers`],
    ['POST', `${DATABASE}/access-checks`, { principal: MARY }],
  ];
  for (const look of looks) {
    t.equal((await call(...look)).status, 401);
    t.equal((await as('auditor').call(...look)).json.code, 'forbidden');
    t.equal((await as('reader').call(...look)).status, 200);
  }
});

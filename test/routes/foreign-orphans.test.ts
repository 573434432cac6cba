import t, { type Test } from 'tap';
import { build, MARY } from '../helper.ts';
import { matchList } from '../match-list.ts';

const BASE = '/v1/secrets/demo%2Fdatabase';
const GONE = 'arn:aws:iam::222222222222:role/gone';
const PRUNE = `${BASE}/policy/prune`;
const ANY = { 'if-match': '*' };

/** A policy of others that names a role which is deleted now. */
async function orphaned(t: Test, statements: (gone: string) => object[]) {
  let late = 0;
  const service = await build(t, { overrides: { clock: () => new Date(Date.now() + late) } });
  const { call, aws } = service;
  aws.directory.createRole({ arn: GONE, policies: [] });
  const document = { Version: '2012-10-17', Statement: statements(GONE) };
  const put = await call('PUT', `${BASE}/policy`, document, { 'if-none-match': '*' });
  t.equal(put.status, 200, put.body);
  aws.directory.deletePrincipal(GONE);
  return {
    ...service,
    policy: async () => (await call('GET', `${BASE}/policy`)).json.policy,
    later: () => {
      late += 301_000;
    },
  };
}

const read = { Effect: 'Allow', Action: 'secretsmanager:GetSecretValue', Resource: '*' };

t.test(
  'a deleted principal in a statement of others blocks changes, is named, and goes when that is asked for',
  async (t) => {
    const { call, policy, later, readAs, arnOf } = await orphaned(t, (gone) => [
      { Sid: 'Theirs', ...read, Principal: { AWS: [gone, MARY] } },
      { Sid: 'Old', Effect: 'Deny', Action: 'secretsmanager:DeleteSecret', Resource: '*', Principal: { AWS: gone } },
    ]);
    const blocked = await call('POST', `${BASE}/shares`, { principal: '444444444444' });
    t.match(blocked, { status: 422, json: { code: 'principal-not-found', detail: /AROA\w+ in the statement Theirs/ } });
    matchList(t, blocked.json.orphans, [
      { id: /^AROA/, statement: 'Theirs' },
      { id: /^AROA/, statement: 'Old' },
    ]);
    t.match(blocked.json.detail, /includeForeign: true/);

    const plain = await call('POST', PRUNE, {}, ANY);
    t.match(plain.json, { changed: false });
    matchList(t, plain.json.warnings, [
      { code: 'foreign-orphan', message: /Theirs.*includeForeign/ },
      { code: 'foreign-orphan', message: /Old/ },
    ]);
    const early = await call('POST', PRUNE, { includeForeign: true }, ANY);
    t.equal(early.status, 200, early.body);
    t.match(early.json, { changed: false, warnings: [{ code: 'orphan-seen-once' }, { code: 'orphan-seen-once' }] });

    later();
    const before = await policy();
    const rehearsal = await call('POST', `${PRUNE}?dryRun=true`, { includeForeign: true }, ANY);
    t.equal(rehearsal.status, 200, rehearsal.body);
    t.match(rehearsal.json, { changed: true, dryRun: true, warnings: [] });
    t.same(rehearsal.json.policy.Statement, [{ Sid: 'Theirs', ...read, Principal: { AWS: MARY } }]);
    t.same(await policy(), before, 'nothing was written');

    const pruned = await call('POST', PRUNE, { includeForeign: true, reason: 'the role is gone' }, ANY);
    t.equal(pruned.status, 200, pruned.body);
    t.same(pruned.json.policy, rehearsal.json.policy);
    matchList(t, (await call('GET', '/v1/audit-events?action=prune&outcome=applied')).json.items, [
      { request: { includeForeign: true }, reason: 'the role is gone' },
    ]);
    t.equal(await readAs('LOCALMARY', await arnOf('demo/database')), 'read', 'who is there reads as before');
    t.equal((await call('POST', `${BASE}/shares`, { principal: '444444444444' })).status, 201);
  },
);

t.test('a statement without a Sid is named by a hash, which stays the same', async (t) => {
  const { call } = await orphaned(t, (gone) => [{ ...read, Principal: { AWS: [gone, MARY] } }]);
  const name = async () =>
    (await call('POST', `${BASE}/shares`, { principal: '444444444444' })).json.orphans[0].statement;
  t.match(await name(), /^[0-9a-f]{24}$/);
  t.equal(await name(), await name());
});

t.test('orphans of ours and of others go together, or AWS would refuse either', async (t) => {
  const { call, aws, later, policy } = await orphaned(t, () => [{ Sid: 'Theirs', ...read, Principal: { AWS: MARY } }]);
  t.equal((await call('POST', `${BASE}/shares`, { principal: MARY })).status, 201);
  aws.directory.deletePrincipal(MARY);
  t.equal((await call('GET', `${BASE}/policy`)).json.foreign.length, 1, 'a look is enough to see it first');
  later();
  t.match(await call('POST', PRUNE, {}, ANY), { status: 422, json: { orphans: [{ statement: 'Theirs' }] } });
  t.match(await call('POST', PRUNE, { includeForeign: true }, ANY), {
    status: 200,
    json: { changed: true, policy: null },
  });
  t.equal(await policy(), null);
});

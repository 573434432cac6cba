import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { samePolicy } from '../../src/policy/canonical.ts';
import { type Statement, statementsOf } from '../../src/policy/document.ts';
import { compile, EMPTY_POLICY, type PolicyView } from '../../src/policy/entries/compile.ts';
import { addEntry, clausesOf, entriesOf, findEntry, foreignOf, removeEntry } from '../../src/policy/entries/edit.ts';
import { parse } from '../../src/policy/entries/parse.ts';
import { restrictToPrincipals } from '../../src/policy/entries/templates/restrict-to-principals.ts';
import { foreignPolicies, type Request, requestsOf } from './arbitraries.ts';
import { holds } from './property.ts';
import { APP, byId, documentOf, MARY, overTheWire, READ, share, viewOf } from './views.ts';

const add = (view: PolicyView, { template, parameters }: Request) => addEntry(view, template, parameters, 'aws');

/** A policy of other people's statements with some of ours among them. */
const startingViews = fc
  .tuple(foreignPolicies, fc.array(requestsOf('aws'), { maxLength: 5 }), foreignPolicies)
  .map(([first, requests, second]) => {
    const view = viewOf(requests, 'aws', parse(first, 'aws'));
    const sids = new Set(statementsOf(compile(view)).map(({ Sid }) => Sid));
    const others = statementsOf(second).filter(({ Sid }) => Sid === undefined || !sids.has(Sid));
    return { ...view, items: [...view.items, ...others.map((foreign) => ({ foreign }))] };
  });

holds(
  'foreign statements survive to the letter and in their order, whatever is added and removed',
  fc.property(
    startingViews,
    fc.array(fc.oneof(requestsOf('aws'), fc.nat({ max: 20 })), { minLength: 1, maxLength: 12 }),
    (start, edits) => {
      const foreign = foreignOf(start);
      const before = structuredClone(foreign);
      const end = edits.reduce<PolicyView>((view, edit) => {
        if (typeof edit !== 'number') return add(view, edit).view;
        const entries = entriesOf(view);
        return removeEntry(view, entries[edit % Math.max(entries.length, 1)]?.id ?? 'none').view;
      }, start);
      const written = overTheWire(documentOf(end));
      const texts = new Set(before.map((statement) => JSON.stringify(statement)));
      assert.deepEqual(foreign, before, 'they were not changed in place');
      assert.deepEqual(foreignOf(parse(written, 'aws')), before);
      assert.deepEqual(
        statementsOf(written)
          .map((statement) => JSON.stringify(statement))
          .filter((text) => texts.has(text)),
        before.map((statement) => JSON.stringify(statement)),
      );
      const sids = statementsOf(written).flatMap(({ Sid }) => Sid ?? []);
      assert.equal(new Set(sids).size, sids.length, 'Sids are unique');
    },
  ),
);

holds(
  'revoking what a request added brings the policy back, but for its Version where that has variables',
  fc.property(startingViews, requestsOf('aws'), (view, request) => {
    const { view: edited, entry } = add(view, request);
    fc.pre(edited !== view);
    const { view: back, entry: removed } = removeEntry(edited, entry.id);
    assert.deepEqual(removed, entry);
    assert.ok(samePolicy(compile(back), compile({ ...view, version: back.version })));
    if (!JSON.stringify(compile(edited)).includes('${')) assert.equal(back.version, view.version);
    assert.deepEqual(byId(entriesOf(back)), byId(entriesOf(view)));
  }),
);

holds(
  'adding twice is adding once',
  fc.property(startingViews, requestsOf('aws'), (view, request) => {
    const once = add(view, request);
    const twice = add(once.view, request);
    assert.equal(twice.view, once.view);
    assert.deepEqual(twice.entry, once.entry);
    assert.deepEqual(findEntry(once.view, once.entry.id), once.entry);
  }),
);

holds(
  'the order of requests does not change the entries, nor the policy',
  fc.property(
    fc
      .array(requestsOf('aws'), { minLength: 2, maxLength: 8 })
      .chain((requests) =>
        fc.tuple(fc.constant(requests), fc.shuffledSubarray(requests, { minLength: requests.length })),
      ),
    ([requests, shuffled]) => {
      const [one, other] = [viewOf(requests, 'aws'), viewOf(shuffled, 'aws')];
      assert.deepEqual(byId(entriesOf(one)), byId(entriesOf(other)));
      assert.ok(samePolicy(compile(one), compile(other)));
    },
  ),
);

holds(
  'entries of one clause share one statement (two with version stages)',
  fc.property(fc.array(requestsOf('aws'), { minLength: 1, maxLength: 12 }), (requests) => {
    const view = viewOf(requests, 'aws');
    const clauses = clausesOf(view);
    assert.equal(new Set(clauses.map(({ sid }) => sid)).size, clauses.length);
    assert.ok(statementsOf(compile(view)).length <= 2 * clauses.length);
    for (const { members } of clauses) assert.deepEqual(members, [...new Set(members)].sort());
  }),
);

t.test(
  'two shares alike but for the principal stand in one statement, sorted; revoking one leaves the other',
  async (t) => {
    const one = share(EMPTY_POLICY, { principal: APP });
    const two = share(one.view, { principal: MARY });
    const [statement, ...others] = statementsOf(compile(two.view));
    t.strictSame(statement?.Principal, { AWS: [MARY, APP] });
    t.strictSame(others, []);
    t.equal(two.entry.sid, one.entry.sid);
    t.strictSame(compile(removeEntry(two.view, two.entry.id).view), compile(one.view));
  },
);

t.test('a Sid that our second statement would need may be taken too', async (t) => {
  const staged = { principal: MARY, versionStages: ['A'] };
  const { sid } = share(EMPTY_POLICY, staged).entry;
  const foreign = [`${sid}P2`, `${sid}N2P2`].map(
    (Sid): Statement => ({ Sid, Effect: 'Deny', Action: '*', Principal: '*', Resource: '*' }),
  );
  const { view, entry } = share(parse({ Statement: foreign }, 'aws'), staged);
  t.strictSame(
    statementsOf(compile(view)).map(({ Sid }) => Sid),
    [`${sid}P2`, `${sid}N2P2`, `${sid}N3`, `${sid}N3P2`],
  );
  t.strictSame(entriesOf(parse(documentOf(view), 'aws')), [entry]);
});

t.test('an id of another kind or of nobody removes nothing', async (t) => {
  const { view, entry } = share(EMPTY_POLICY, { principal: MARY });
  t.equal(removeEntry(view, entry.id, 'denial').view, view);
  t.equal(removeEntry(view, 'nobody').view, view);
  t.equal(findEntry(view, entry.id, 'restriction'), undefined);
  t.strictSame(findEntry(view, entry.id, 'share'), entry);
});

t.test('entries show what their requests said', async (t) => {
  const restriction = { principals: [MARY, '111111111111'], actions: READ };
  const { view, entry } = addEntry(
    share(EMPTY_POLICY, { principal: MARY }).view,
    restrictToPrincipals,
    restriction,
    'aws',
  );
  t.match(entry, {
    kind: 'restriction',
    boundary: { principals: ['arn:aws:iam::111111111111:root', MARY] },
    exceptPrincipals: [],
    actions: READ,
    expiresAt: null,
    orphaned: false,
  });
  t.strictSame(entriesOf(view, 'restriction'), [entry]);
  t.strictSame(
    entriesOf(view, 'share').map(({ principal }) => principal),
    [MARY],
  );
});

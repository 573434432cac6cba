import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { samePolicy } from '../../src/policy/canonical.ts';
import { asArray, statementsOf } from '../../src/policy/document.ts';
import { compile, EMPTY_POLICY } from '../../src/policy/entries/compile.ts';
import { entriesOf, foreignOf, removeEntry } from '../../src/policy/entries/edit.ts';
import type { Entry } from '../../src/policy/entries/entry.ts';
import { parse } from '../../src/policy/entries/parse.ts';
import { requestsOf } from './arbitraries.ts';
import { withDeleted } from './aws-normalised.ts';
import { holds } from './property.ts';
import { APP, byId, documentOf, MARY, share, viewOf } from './views.ts';

t.test('a deleted principal leaves an orphaned entry, and its siblings keep their ids', async (t) => {
  const principals = [MARY, APP, '333333333333'];
  const before = principals.reduce((view, principal) => share(view, { principal }).view, EMPTY_POLICY);
  const shown = withDeleted(
    documentOf(before),
    new Map([
      [MARY, 'AIDAQ3EGSBS4XFEXAMPLE'],
      [APP, 'AROAQ3EGSBS4XFEXAMPLE'],
    ]),
  );
  const after = parse(shown, 'aws');
  const ids = new Map(entriesOf(before).map(({ principal, id }) => [principal, id]));
  const sibling = entriesOf(after).find(({ principal }) => principal === 'arn:aws:iam::333333333333:root');
  const orphans = entriesOf(after).filter(({ orphaned }) => orphaned);
  t.equal(sibling?.id, ids.get('arn:aws:iam::333333333333:root'));
  t.equal(sibling?.orphaned, false);
  t.strictSame(
    orphans.map(({ principal }) => principal),
    ['AIDAQ3EGSBS4XFEXAMPLE', 'AROAQ3EGSBS4XFEXAMPLE'],
  );
  t.strictSame(foreignOf(after), []);
  t.ok(samePolicy(compile(after), shown), 'reading alone changes nothing');

  const pruned = orphans.reduce((view, { id }) => removeEntry(view, id).view, after);
  t.strictSame(entriesOf(pruned), [sibling]);
  const again = share(after, { principal: APP });
  t.equal(again.entry.id, ids.get(APP), 'shared again with its recreated namesake, it has the id it had');
});

const withDeletions = fc.array(requestsOf('aws'), { minLength: 1, maxLength: 8 }).chain((requests) => {
  const view = viewOf(requests, 'aws');
  const named = statementsOf(compile(view)).flatMap(({ Principal = '*' }) =>
    Principal === '*' ? [] : asArray(Principal.AWS),
  );
  // Accounts are closed, and keep their ids.
  const mortal = named.filter((name) => !name.endsWith(':root'));
  return fc.record({ view: fc.constant(view), deleted: fc.subarray([...new Set(mortal)]) });
});

holds(
  'whichever principals are deleted, the entries of the others stay, and pruning takes the orphans only',
  fc.property(withDeletions, ({ view, deleted }) => {
    const uniqueIds = new Map(deleted.map((arn, index) => [arn, `AROA${String(index).padStart(17, 'X')}`]));
    const shown = parse(withDeleted(documentOf(view), uniqueIds), 'aws');
    const alive = entriesOf(view).filter((entry) => !isNamed(entry, deleted));
    const orphans = entriesOf(shown).filter(({ orphaned }) => orphaned);
    assert.deepEqual(foreignOf(shown), []);
    assert.equal(entriesOf(shown).length, entriesOf(view).length);
    assert.equal(orphans.length, entriesOf(view).length - alive.length);
    const pruned = orphans.reduce((left, { id }) => removeEntry(left, id).view, shown);
    assert.deepEqual(byId(entriesOf(pruned)), byId(alive));
  }),
);

/** Whether the entry names a deleted principal in a Principal element; conditions keep the ARN. */
const isNamed = (entry: Entry, deleted: readonly string[]): boolean =>
  ['share-with-principal', 'deny-principal'].includes(entry.template) && deleted.includes(String(entry.principal));

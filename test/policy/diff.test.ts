import fc from 'fast-check';
import { applyPatch } from 'rfc6902';
import t from 'tap';
import { diffPolicies } from '../../src/policy/diff.ts';
import type { PolicyDocument } from '../../src/policy/document.ts';
import { cases } from '../runs.ts';

const names = fc.uniqueArray(fc.integer({ min: 0, max: 60 }).map(String), { maxLength: 40 });
const lists = fc.oneof(
  names,
  names.map((list) => list.toSorted()),
  fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 6 }),
);
const documents = fc
  .array(fc.record({ Sid: fc.string(), AWS: fc.oneof(fc.constant('*'), lists) }), { maxLength: 4 })
  .map(
    (statements) =>
      ({
        Version: '2012-10-17',
        Statement: statements.map(({ Sid, AWS }) => ({
          Sid,
          Effect: 'Allow',
          Principal: { AWS },
          Action: 'x',
          Resource: '*',
        })),
      }) as PolicyDocument,
  );

t.test('applying the difference to the document before gives the document after', async (t) => {
  fc.assert(
    fc.property(documents, documents, (before, after) => {
      const patched = structuredClone(before);
      const problems = applyPatch(patched, diffPolicies(before, after)).filter((error) => error !== null);
      return problems.length === 0 && JSON.stringify(patched) === JSON.stringify(after);
    }),
    cases(500, 20_000, 200_000),
  );
  t.pass('2,000 pairs');
});

t.test('one principal more in a statement of 600 is one operation', async (t) => {
  const list = Array.from({ length: 600 }, (_, index) => String(100000000000 + index * 2));
  const document = (AWS: string[]): PolicyDocument => ({
    Statement: [{ Effect: 'Allow', Principal: { AWS }, Action: 'x', Resource: '*' }],
  });
  const diff = diffPolicies(document(list), document([...list, '100000000301'].sort()));
  t.same(diff, [{ op: 'add', path: '/Statement/0/Principal/AWS/151', value: '100000000301' }]);
});

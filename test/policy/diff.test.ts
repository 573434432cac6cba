import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { applyPatch } from 'rfc6902';
import t from 'tap';
import { diffPolicies } from '../../src/policy/changes/diff.ts';
import type { PolicyDocument, Statement } from '../../src/policy/document.ts';
import { timesFifty } from '../cpu.ts';
import { cases } from '../runs.ts';

const names = fc.uniqueArray(fc.integer({ min: 0, max: 60 }).map(String), { maxLength: 40 });
const lists = fc.oneof(
  names,
  names.map((list) => list.toSorted()),
  fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 6 }),
);
const values = fc.oneof(names, fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 6 }), fc.boolean());
const PLAIN = { noNullPrototype: true };
const Condition = fc.dictionary(
  fc.constantFrom('a', 'b/c', '~d'),
  fc.dictionary(fc.constantFrom('k', 'l'), values, PLAIN),
  PLAIN,
);
const documents = fc
  .array(
    fc.record({
      Sid: fc.oneof(fc.constantFrom('a', 'b'), fc.string()),
      AWS: fc.oneof(fc.constant('*'), lists),
      Condition,
    }),
    { maxLength: 4 },
  )
  .map(
    (statements) =>
      ({
        Version: '2012-10-17',
        Statement: statements.map(({ Sid, AWS, Condition }) => ({
          Sid,
          Effect: 'Allow',
          Principal: { AWS },
          Action: 'x',
          Resource: '*',
          Condition,
        })),
      }) as PolicyDocument,
  );

t.test('applying the difference to the document before gives the document after', async (t) => {
  fc.assert(
    fc.property(documents, documents, (before, after) => {
      const patched = structuredClone(before);
      const problems = applyPatch(patched, diffPolicies(before, after)).filter((error) => error !== null);
      return problems.length === 0 && isDeepStrictEqual(patched, after);
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

t.test('one principal more in one of several statements is told at its place', async (t) => {
  const statement = (Sid: string, AWS: string[]): Statement => ({
    Sid,
    Effect: 'Allow',
    Principal: { AWS },
    Action: 'x',
  });
  const before = { Statement: [statement('a', ['1']), statement('b', ['1'])] };
  const after = { Statement: [statement('b', ['1', '2']), statement('c', ['3'])] };
  t.same(diffPolicies(before, after), [
    { op: 'add', path: '/Statement/2', value: statement('c', ['3']) },
    { op: 'add', path: '/Statement/1/Principal/AWS/1', value: '2' },
    { op: 'remove', path: '/Statement/0' },
  ]);
});

t.test('no two documents that AWS takes hold the process up', async (t) => {
  const statements = (...all: Statement[]): PolicyDocument => ({ Statement: all });
  const denying = (Action: string): Statement => ({ Effect: 'Deny', Action });
  const numbers = (first: number): Statement => ({
    Effect: 'Deny',
    Condition: { NumericEquals: { k: range(8_000, (i) => (i + first) % 10) } },
  });
  const pairs: [string, PolicyDocument, PolicyDocument][] = [
    ['numbers', statements(numbers(0)), statements(numbers(3))],
    ['statements alike', statements(...range(450, () => denying('a'))), statements(...range(449, () => denying('b')))],
    [
      'statements',
      statements(...range(400, (i) => denying(`a${i}`))),
      statements(...range(400, (i) => denying(`b${i}`))),
    ],
    [
      'names that moved',
      statements({ Effect: 'Deny', Action: range(4_000, String) }),
      statements({ Effect: 'Deny', Action: range(4_000, String).reverse() }),
    ],
  ];
  for (const [name, before, after] of pairs) {
    const took = await timesFifty(1, () => diffPolicies(before, after));
    t.ok(took <= 1, `${name}: ${took} times 50 ms`);
  }
});

const range = <T>(length: number, make: (index: number) => T): T[] => Array.from({ length }, (_, index) => make(index));

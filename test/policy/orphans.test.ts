import fc from 'fast-check';
import t from 'tap';
import { isPolicyDocument, type Statement } from '../../src/policy/document.ts';
import { orphansOf, withoutOrphans } from '../../src/policy/orphans.ts';

const [GONE, ALSO_GONE] = ['AROAEXAMPLEEXAMPLE001', 'AIDAEXAMPLEEXAMPLE002'];
const THERE = 'arn:aws:iam::222222222222:role/app';
const base = { Effect: 'Allow', Action: 'secretsmanager:GetSecretValue', Resource: '*' } as const;

const CASES: [name: string, before: Partial<Statement>, after: Partial<Statement> | null][] = [
  ['a statement for nobody else goes', { Principal: { AWS: GONE } }, null],
  ['a list loses it', { Principal: { AWS: [GONE, THERE] } }, { Principal: { AWS: THERE } }],
  ['all of them go at once', { Principal: { AWS: [GONE, ALSO_GONE] } }, null],
  [
    'services stay',
    { Principal: { AWS: GONE, Service: 'lambda.amazonaws.com' } },
    { Principal: { Service: 'lambda.amazonaws.com' } },
  ],
  ['everybody stays', { Principal: '*' }, { Principal: '*' }],
  ['an exception of nobody else stays', { NotPrincipal: { AWS: GONE } }, { NotPrincipal: { AWS: GONE } }],
  ['an exception of others loses it', { NotPrincipal: { AWS: [GONE, THERE] } }, { NotPrincipal: { AWS: THERE } }],
  [
    'an id in a condition is none',
    { Principal: '*', Condition: { StringEquals: { 'aws:userid': GONE } } },
    { Principal: '*', Condition: { StringEquals: { 'aws:userid': GONE } } },
  ],
];

for (const [name, before, after] of CASES) {
  t.test(name, async (t) => {
    const left = withoutOrphans({ ...base, ...before }, new Set([GONE, ALSO_GONE]));
    t.strictSame(left, after && { ...base, ...after });
  });
}

t.test('who is there stays, in its order, and what names nobody deleted is the same statement', async () => {
  const principal = fc.constantFrom(GONE, ALSO_GONE, THERE, '123456789999', 'arn:aws:iam::222222222222:user/one');
  const names = fc.uniqueArray(principal, { minLength: 1 });
  fc.assert(
    fc.property(names, fc.constantFrom('Principal', 'NotPrincipal'), (AWS, element) => {
      const statement: Statement = { ...base, [element]: { AWS } };
      const left = withoutOrphans(statement, new Set([GONE, ALSO_GONE]));
      const there = AWS.filter((name) => !/^A(ROA|IDA)/.test(name));
      if (there.length === AWS.length) return left === statement;
      if (there.length === 0) return element === 'Principal' ? left === null : left === statement;
      return (
        left !== null &&
        orphansOf(left).length === 0 &&
        isPolicyDocument({ Statement: left }) &&
        JSON.stringify(left).includes(JSON.stringify(there.length === 1 ? there[0] : there))
      );
    }),
  );
});

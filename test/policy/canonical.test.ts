import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { canonicalPolicy, etagOf, policyHash, samePolicy } from '../../src/policy/canonical.ts';
import { asArray, type PolicyDocument, type Statement, statementsOf } from '../../src/policy/document.ts';
import { compile } from '../../src/policy/entries/compile.ts';
import { parse } from '../../src/policy/entries/parse.ts';
import { foreignPolicies, requestsOf } from './arbitraries.ts';
import { awsNormalised } from './aws-normalised.ts';
import { holds } from './property.ts';
import { overTheWire, viewOf } from './views.ts';

/** Other people's statements and ours. */
const policies: fc.Arbitrary<PolicyDocument> = fc
  .tuple(foreignPolicies, fc.array(requestsOf('aws'), { maxLength: 4 }))
  .map(([foreign, requests]) => compile(viewOf(requests, 'aws', parse(foreign, 'aws'))) ?? foreign);

holds(
  'AWS’s normalisation changes neither the canonical form nor the entity tag',
  fc.property(
    policies.chain((document) => fc.tuple(fc.constant(document), awsNormalised(document))),
    ([document, returned]) => {
      assert.equal(canonicalPolicy(returned), canonicalPolicy(document));
      assert.equal(etagOf(overTheWire(returned)), etagOf(document));
    },
  ),
);

type Mutation = (statement: Statement) => Statement;
const more = (value: string | string[] | undefined) => [...asArray(value), 'something more'];
const changedCondition: Mutation = (statement) => {
  const [[operator, keys] = [], ...operators] = Object.entries(statement.Condition ?? {});
  if (operator === undefined || keys === undefined) return { ...statement, Condition: { Null: { 'aws:x': 'true' } } };
  const [[key, values] = [], ...others] = Object.entries(keys);
  const changed = Object.fromEntries([...others, [String(key), [...asArray(values), 'something more']]]);
  return { ...statement, Condition: Object.fromEntries([...operators, [operator, changed]]) };
};
const otherKey: Mutation = (statement) => {
  const rename = <T>(object: Record<string, T>) =>
    Object.fromEntries(Object.entries(object).map(([name, value], index) => [index === 0 ? `${name}X` : name, value]));
  const { Condition = { Bool: { 'aws:SecureTransport': 'true' } } } = statement;
  return { ...statement, Condition: rename(Condition) };
};
const mutations: Record<string, Mutation> = {
  Sid: (statement) => ({ ...statement, Sid: `${statement.Sid ?? ''}X` }),
  Effect: (statement) => ({ ...statement, Effect: statement.Effect === 'Allow' ? 'Deny' : 'Allow' }),
  Action: (statement) => ({ ...statement, Action: more(statement.Action) }),
  NotAction: (statement) => ({ ...statement, NotAction: more(statement.NotAction) }),
  Resource: (statement) => ({ ...statement, Resource: more(statement.Resource) }),
  NotResource: (statement) => ({ ...statement, NotResource: more(statement.NotResource) }),
  Principal: (statement) => ({
    ...statement,
    Principal: statement.Principal === '*' ? { AWS: '*', Service: 'x' } : { ...statement.Principal, Federated: 'x' },
  }),
  NotPrincipal: (statement) => ({ ...statement, NotPrincipal: { CanonicalUser: 'x' } }),
  'Condition values': changedCondition,
  'Condition operator': otherKey,
};

for (const [element, mutation] of Object.entries(mutations)) {
  holds(
    `a change of ${element} changes the canonical form`,
    fc.property(policies, fc.nat(), (document, at) => {
      const statements = statementsOf(document);
      const changed = statements.map((statement, index) =>
        index === at % statements.length ? mutation(statement) : statement,
      );
      assert.ok(!samePolicy({ ...document, Statement: changed }, document));
    }),
    50,
  );
}

holds(
  'a statement more or less, another version or id, changes the canonical form',
  fc.property(policies, (document) => {
    const statements = statementsOf(document);
    const fewer = statements.slice(1);
    assert.ok(!samePolicy({ ...document, Statement: fewer }, document));
    assert.ok(!samePolicy({ ...document, Statement: [...statements, { Effect: 'Deny' }] }, document));
    assert.ok(!samePolicy({ ...document, Id: 'another' }, document));
    const Version = document.Version === '2012-10-17' ? '2008-10-17' : '2012-10-17';
    assert.ok(!samePolicy({ ...document, Version }, document));
    assert.ok(!samePolicy(document, null));
  }),
);

const statement: Statement = {
  Sid: 'A',
  Effect: 'Allow',
  Action: 'secretsmanager:GetSecretValue',
  Principal: { AWS: '111111111111' },
  Resource: '*',
};
const spellings: [rule: string, other: PolicyDocument][] = [
  ['a single statement is a list of one', { Statement: statement }],
  ['no Version is the old one', { Version: '2008-10-17', Statement: [statement] }],
  ['an account is its root', { Statement: [{ ...statement, Principal: { AWS: ['arn:aws:iam::111111111111:root'] } }] }],
  [
    'a principal named twice, in both spellings, is named once',
    { Statement: [{ ...statement, Principal: { AWS: ['111111111111', 'arn:aws:iam::111111111111:root'] } }] },
  ],
];
for (const [rule, other] of spellings) {
  t.test(`the same policy: ${rule}`, async (t) => {
    t.equal(canonicalPolicy(other), canonicalPolicy({ Statement: [statement] }));
  });
}

t.test('the same policy: everybody as "*" and as {"AWS": "*"}', async (t) => {
  const everybody = (Principal: Statement['Principal']) =>
    ({ Statement: [{ ...statement, Principal }] }) as PolicyDocument;
  t.ok(samePolicy(everybody('*'), everybody({ AWS: '*' })));
  t.ok(samePolicy(everybody('*'), everybody({ AWS: ['*'] })));
});

t.test('the same policy: numbers and booleans of conditions as their texts', async (t) => {
  const when = (value: string | number | boolean) => ({
    Statement: { ...statement, Condition: { Bool: { a: value } } },
  });
  t.ok(samePolicy(when(true), when('true')));
  t.ok(samePolicy(when(7), when('7')));
  t.notOk(samePolicy(when(true), when(false)));
});

const differences: [rule: string, one: Partial<Statement>, other: Partial<Statement>][] = [
  [
    'names are case-sensitive',
    { Principal: { AWS: 'arn:aws:iam::111111111111:user/Mary' } },
    { Principal: { AWS: 'arn:aws:iam::111111111111:user/mary' } },
  ],
  [
    'twelve digits are an account only where a principal stands',
    { Condition: { StringEquals: { a: '111111111111' } } },
    { Condition: { StringEquals: { a: 'arn:aws:iam::111111111111:root' } } },
  ],
  ['a principal is not a service', { Principal: { AWS: 'x' } }, { Principal: { Service: 'x' } }],
  ['one text with a comma is not two', { Action: 'a,b' }, { Action: ['a', 'b'] }],
  ['a key is not its value', { Condition: { StringEquals: { a: 'b' } } }, { Condition: { StringEquals: { b: 'a' } } }],
];
for (const [rule, one, other] of differences) {
  t.test(`not the same policy: ${rule}`, async (t) => {
    t.notOk(samePolicy({ Statement: { ...statement, ...one } }, { Statement: { ...statement, ...other } }));
  });
}

t.test('hashes and entity tags are stable: they stand in the audit log and in callers’ If-Match', async (t) => {
  const document: PolicyDocument = { Version: '2012-10-17', Statement: [statement] };
  t.equal(policyHash(document), '4FK6TJLVF9ODJkbhpNoT5CZ2aae0PfhVGaRPyul9VSo');
  t.equal(etagOf(document), `"${policyHash(document)}"`);
  t.equal(policyHash(null), 'dCNOmK_nSY-12vHzasLXiswzlGT5UHA7jAGYkvmCuQs');
});

import assert from 'node:assert/strict';
import t from 'tap';
import { canonicalStatement } from '../../src/policy/canonical.ts';
import { grammarErrors, isPolicyDocument, type Statement, statementsOf } from '../../src/policy/document.ts';
import { assertPolicyDocument, compile, EMPTY_POLICY } from '../../src/policy/entries/compile.ts';
import { entriesOf, foreignOf } from '../../src/policy/entries/edit.ts';
import { sidOf } from '../../src/policy/entries/entry.ts';
import { parse } from '../../src/policy/entries/parse.ts';
import type { AnyTemplate, Group } from '../../src/policy/entries/templates/kinds/template.ts';
import { restrictToPrincipals } from '../../src/policy/entries/templates/restrict-to-principals.ts';
import { shareWithOrganization } from '../../src/policy/entries/templates/share-with-organization.ts';
import { shareWithPrincipal } from '../../src/policy/entries/templates/share-with-principal.ts';
import { cpuOf } from '../cpu.ts';
import { documentOf, MARY, overTheWire, READ, share } from './views.ts';

t.afterEach(() => {
  assert.deepEqual(Object.keys(Object.prototype), [], 'nothing was put into Object.prototype');
});

const statement = '"Effect":"Allow","Action":"*","Resource":"*"';
const malformed: [what: string, text: string][] = [
  ['null', 'null'],
  ['a list', '[]'],
  ['a text', '"{}"'],
  ['no statement element', '{"Version":"2012-10-17"}'],
  ['__proto__ in the document', `{"__proto__":{"polluted":true},"Statement":[]}`],
  ['__proto__ in a statement', `{"Statement":{${statement},"__proto__":{"polluted":true}}}`],
  ['constructor in a statement', `{"Statement":{${statement},"constructor":{"prototype":{"polluted":true}}}}`],
  ['__proto__ for a principal’s type', `{"Statement":{${statement},"Principal":{"AWS":"x","__proto__":"y"}}}`],
  ['an object for an operator', `{"Statement":{${statement},"Condition":{"StringEquals":{"a":{"polluted":true}}}}}`],
  ['an object for an action', `{"Statement":{"Effect":"Allow","Action":{"length":1}}}`],
  ['null for a condition', `{"Statement":{${statement},"Condition":null}}`],
  ['a statement inside a list inside a list', `{"Statement":[[{${statement}}]]}`],
  ['a very deep list', `{"Statement":${'['.repeat(5_000)}${']'.repeat(5_000)}}`],
  ['a very deep condition', `{"Statement":{${statement},"Condition":${'{"a":'.repeat(5_000)}1${'}'.repeat(5_000)}}}`],
];
for (const [what, text] of malformed) {
  t.test(`not a policy document: ${what}`, async (t) => {
    const value: unknown = JSON.parse(text);
    t.notOk(isPolicyDocument(value));
    t.throws(() => assertPolicyDocument(value), { code: 'policy-malformed' });
    t.ok(grammarErrors(value).length > 0, 'and it says where');
  });
}

t.test('names of the prototype’s members are names like any other', async (t) => {
  const text =
    `{"Version":"2012-10-17","Statement":[{"Sid":"__proto__",${statement},"Principal":"*","Condition":` +
    '{"__proto__":{"polluted":"true"},"constructor":{"__proto__":["polluted"],"toString":"x"}}}]}';
  const document: unknown = JSON.parse(text);
  assertPolicyDocument(document);
  const view = parse(document, 'aws');
  t.equal(JSON.stringify(compile(view)), text, 'kept to the letter');
  t.match(
    canonicalStatement(statementsOf(document)[0] ?? { Effect: 'Deny' }),
    '"__proto__":{"polluted":["true"]}',
    'and seen by the canonical form',
  );
});

t.test('the same in a statement that bears our Sid, which it does not deserve', async (t) => {
  const { entry } = share(EMPTY_POLICY, { principal: MARY, principalTags: { team: 'a' } });
  const text =
    `{"Statement":[{"Sid":"${entry.sid}",${statement},"Principal":{"AWS":"${MARY}"},"Condition":` +
    '{"StringEquals":{"__proto__":["polluted"],"constructor":"x"},"DateLessThan":{"__proto__":"polluted"}}}]}';
  const document: unknown = JSON.parse(text);
  assertPolicyDocument(document);
  t.equal(JSON.stringify(compile(parse(document, 'aws'))), text);
  t.strictSame(entriesOf(parse(document, 'aws')), []);
});

t.test('a tag called __proto__ is a tag', async (t) => {
  const principalTags = JSON.parse('{"__proto__":"polluted","constructor":"x"}');
  const { view, entry } = share(EMPTY_POLICY, { principal: MARY, principalTags });
  t.equal(JSON.stringify(entry.conditions), '{"principalTags":{"__proto__":"polluted","constructor":"x"}}');
  t.strictSame(entriesOf(parse(overTheWire(documentOf(view)), 'aws')), [entry]);
  t.not(entry.id, share(EMPTY_POLICY, { principal: MARY, principalTags: { constructor: 'x' } }).entry.id);
});

const timeOf = (statements: Statement[]): number => cpuOf(() => parse({ Statement: statements }, 'aws'));

const { entry } = share(EMPTY_POLICY, { principal: MARY });
const ours = (Sid: string, AWS: string[] = [MARY]): Statement => ({
  Sid,
  Effect: 'Allow',
  Action: ['secretsmanager:DescribeSecret', 'secretsmanager:GetSecretValue'],
  Principal: { AWS },
  Resource: '*',
});
const floods: [what: string, of: (size: number) => Statement[]][] = [
  ['statements that all bear one Sid of ours', (size) => Array.from({ length: size }, () => ours(entry.sid))],
  [
    'statements with Sids of our form',
    (size) => Array.from({ length: size }, (_, index) => ours(`Share${index.toString(16).padStart(16, '0')}`)),
  ],
  ['numbered Sids', (size) => Array.from({ length: size }, (_, index) => ours(`${entry.sid}N${(index % 999) + 1}`))],
  [
    'principals in one statement',
    (size) => [
      ours(
        entry.sid,
        Array.from({ length: size }, (_, index) => `arn:aws:iam::222222222222:role/r${index}`),
      ),
    ],
  ],
  [
    'actions in one statement',
    (size) => [{ ...ours(entry.sid), Action: Array.from({ length: size }, (_, index) => `a:${index}`) }],
  ],
];
for (const [what, of] of floods) {
  t.test(`time grows with the document, not with its square: ${what}`, async (t) => {
    timeOf(of(500));
    const small = timeOf(of(2_000));
    const large = timeOf(of(16_000));
    // Linear would be 8 times, quadratic 64.
    t.ok(large < 28 * Math.max(small, 2), `${small.toFixed(1)} ms, eight times as many ${large.toFixed(1)} ms`);
  });
}

t.test('a policy of the largest size is read within milliseconds', async (t) => {
  const members = Array.from({ length: 600 }, (_, index) => `arn:aws:iam::${100_000_000_000 + index}:root`);
  t.equal(entriesOf(parse({ Statement: [ours(entry.sid, members)] }, 'aws')).length, 600);
  const time = timeOf([ours(entry.sid, members)]);
  t.comment(`${time.toFixed(2)} ms`);
  t.ok(time < 50, `${time.toFixed(2)} ms`);
});

const crafted: [what: string, template: AnyTemplate, group: Group, members: string[]][] = [
  ['an action that is none', shareWithPrincipal, { actions: ['kms:Decrypt'] }, [MARY]],
  ['the same for a deleted principal', shareWithPrincipal, { actions: ['kms:Decrypt'] }, ['AIDAQ3EGSBS4XFEXAMPLE']],
  ['no action', shareWithPrincipal, { actions: [] }, [MARY]],
  [
    'an instant with milliseconds',
    shareWithPrincipal,
    { actions: READ, expiresAt: '2030-01-01T00:00:00.000Z' },
    [MARY],
  ],
  ['an instant that is none', shareWithPrincipal, { actions: READ, expiresAt: 'never' }, [MARY]],
  [
    'stages with every action',
    shareWithPrincipal,
    { actions: ['secretsmanager:*', 'secretsmanager:GetSecretValue'], versionStages: ['A'] },
    [MARY],
  ],
  ['everybody', shareWithPrincipal, { actions: READ }, ['*']],
  ['an organization that is none', shareWithOrganization, { actions: READ }, ['o-1']],
  ['a restriction to nobody known', restrictToPrincipals, { actions: READ, principals: ['somebody else'] }, []],
];
for (const [what, template, group, members] of crafted) {
  t.test(`a right Sid does not make ours what no request can say: ${what}`, async (t) => {
    const document = documentOf({
      ...EMPTY_POLICY,
      items: [{ clause: { template, sid: sidOf(template, group), group, members } }],
    });
    t.strictSame(foreignOf(parse(overTheWire(document), 'aws')), document.Statement);
  });
}

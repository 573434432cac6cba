import t from 'tap';
import { type Statement, statementsOf } from '../../src/policy/document.ts';
import { compile, EMPTY_POLICY } from '../../src/policy/entries/compile.ts';
import { entriesOf, foreignOf, removeEntry } from '../../src/policy/entries/edit.ts';
import { parse } from '../../src/policy/entries/parse.ts';
import { APP, documentOf, MARY, overTheWire, share } from './views.ts';

t.test('a single statement that is not in an array is read too', async (t) => {
  const statement: Statement = { Effect: 'Allow', Action: 'secretsmanager:*', Principal: '*', Resource: '*' };
  t.strictSame(foreignOf(parse({ Statement: statement }, 'aws')), [statement]);
});

t.test('no policy has no entries', async (t) => {
  t.strictSame(entriesOf(parse(null, 'aws')), []);
  t.equal(compile(parse(null, 'aws')), null);
});

const edits: [what: string, edit: (statement: Statement) => Statement][] = [
  ['another effect', (statement) => ({ ...statement, Effect: 'Deny' })],
  ['another action', (statement) => ({ ...statement, Action: 'secretsmanager:*' })],
  [
    'a resource',
    (statement) => ({ ...statement, Resource: 'arn:aws:secretsmanager:us-east-1:111111111111:secret:x-abcdef' }),
  ],
  ['a condition', (statement) => ({ ...statement, Condition: { Bool: { 'aws:SecureTransport': 'true' } } })],
  ['everybody', (statement) => ({ ...statement, Principal: '*' })],
  [
    'a service beside the principal',
    (statement) => ({ ...statement, Principal: { AWS: MARY, Service: 'rds.amazonaws.com' } }),
  ],
  [
    'a principal that we would refuse',
    (statement) => ({ ...statement, Principal: { AWS: [MARY, 'arn:aws:iam::222222222222:group/g'] } }),
  ],
  [
    'a principal of another partition',
    (statement) => ({ ...statement, Principal: { AWS: [MARY, 'arn:aws-cn:iam::222222222222:role/app'] } }),
  ],
  ['no principal', ({ Principal: _, ...statement }) => statement],
  ['an empty list of principals', (statement) => ({ ...statement, Principal: { AWS: [] } })],
  ['a Sid of another kind', (statement) => ({ ...statement, Sid: String(statement.Sid).replace('Share', 'Deny') })],
  ['another Sid of our form', (statement) => ({ ...statement, Sid: 'Share0123456789abcdef' })],
];
for (const [what, edit] of edits) {
  t.test(`a statement of ours that was edited by hand is foreign: ${what}`, async (t) => {
    const original = documentOf(share(EMPTY_POLICY, { principal: MARY }).view);
    const edited = statementsOf(original).map(edit);
    const view = parse({ ...original, Statement: edited }, 'aws');
    t.strictSame(foreignOf(view), edited);
    t.strictSame(entriesOf(view), []);

    const { view: shared } = share(view, { principal: MARY });
    const document = documentOf(shared);
    const sids = statementsOf(document).map(({ Sid }) => Sid);
    t.not(shared, view);
    t.equal(new Set(sids).size, sids.length, 'Sids are unique');
    const again = parse(overTheWire(document), 'aws');
    t.strictSame(entriesOf(again), entriesOf(shared));
    t.strictSame(foreignOf(again), edited, 'the edited statement is as it was');
    t.equal(share(again, { principal: MARY }).view, again, 'and the request is met');
  });
}

t.test('a second identical request beside an edited statement gets the Sid with N2, a third N3', async (t) => {
  const [original] = statementsOf(compile(share(EMPTY_POLICY, { principal: MARY }).view));
  const foreign = [
    { ...original, Resource: 'first' },
    { ...original, Sid: `${original?.Sid}N2`, Resource: 'second' },
  ] as Statement[];
  const one = share(parse({ Statement: foreign.slice(0, 1) }, 'aws'), { principal: MARY });
  t.equal(one.entry.sid, `${original?.Sid}N2`);
  const two = share(parse({ Statement: foreign }, 'aws'), { principal: MARY });
  t.equal(two.entry.sid, `${original?.Sid}N3`);
});

t.test('a statement bearing our Sid twice is foreign: Sids are unique in a policy', async (t) => {
  const [statement] = statementsOf(compile(share(EMPTY_POLICY, { principal: MARY }).view));
  const twice = [statement, statement] as Statement[];
  t.strictSame(foreignOf(parse({ Statement: twice }, 'aws')), twice);
});

t.test('where a statement and its N2 are both ours, a request that either meets changes nothing', async (t) => {
  const [mary] = statementsOf(compile(share(EMPTY_POLICY, { principal: MARY }).view));
  const [app] = statementsOf(compile(share(EMPTY_POLICY, { principal: APP }).view));
  const view = parse({ Statement: [mary, { ...app, Sid: `${app?.Sid}N2` }] as Statement[] }, 'aws');
  t.equal(entriesOf(view).length, 2);
  t.equal(share(view, { principal: MARY }).view, view);
  t.equal(share(view, { principal: APP }).view, view);
});

t.test('a share of version stages is two statements and one entry', async (t) => {
  const { view, entry } = share(EMPTY_POLICY, { principal: MARY, versionStages: ['AWSCURRENT'] });
  const statements = statementsOf(compile(view));
  t.strictSame(
    statements.map(({ Sid, Action }) => [Sid, Action]),
    [
      [entry.sid, 'secretsmanager:GetSecretValue'],
      [`${entry.sid}P2`, 'secretsmanager:DescribeSecret'],
    ],
  );
  t.strictSame(entriesOf(parse({ Statement: [...statements].reverse() }, 'aws')), [entry]);
  t.strictSame(entry.conditions, { versionStages: ['AWSCURRENT'] });
  t.equal(compile(removeEntry(view, entry.id).view), null, 'both go with it');
  for (const half of statements) {
    t.strictSame(foreignOf(parse({ Statement: [half] }, 'aws')), [half], 'a half alone is foreign');
  }
});

t.test('a version stage made of twelve digits is not an account', async (t) => {
  const { view, entry } = share(EMPTY_POLICY, { principal: MARY, versionStages: ['123456789012'] });
  t.strictSame(entriesOf(parse(documentOf(view), 'aws')), [entry]);
});

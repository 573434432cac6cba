import t from 'tap';
import { type Effect, effectOf } from '../../src/access/judge/effect/effect.ts';
import { letsEscalate } from '../../src/access/judge/effect/escalation.ts';
import { secretActions } from '../../src/policy/actions.ts';
import { MAX_POLICY_CHARACTERS, type PolicyDocument, type Statement } from '../../src/policy/document.ts';
import { atOnce, newBudget, STEPS_IN_TURNS } from '../../src/policy/evaluate/budget.ts';
import { REPLICATED } from '../access/prod-secret.ts';
import { hostileDocuments } from '../policy/hostile-documents.ts';
import { callsInTurns } from './calls.ts';

/** However a document is made that AWS takes, to say whom it moves is bounded work, and what no work is left for may be. */

const ACTIONS = secretActions.filter((action) => action !== 'secretsmanager:*');
const actionAt = (index: number): string => ACTIONS[index % ACTIONS.length] ?? '*';
const numbers = (index: number, count: number): number[] => Array.from({ length: count }, (_, n) => index * count + n);
const account = (n: number): string => String(200_000_000_000 + n);

/** As many statements as fit. */
function full(statement: (index: number) => Omit<Statement, 'Resource'>): PolicyDocument {
  const statements: Statement[] = [];
  for (let used = 60; ; ) {
    const next = { ...statement(statements.length), Resource: '*' };
    used += JSON.stringify(next).length + 1;
    if (used > MAX_POLICY_CHARACTERS) return { Version: '2012-10-17', Statement: statements };
    statements.push(next);
  }
}

const KINDS: [string, (index: number) => Omit<Statement, 'Resource'>][] = [
  [
    'many who are excepted, and other actions in each',
    (index) => ({
      Effect: 'Deny',
      NotPrincipal: { AWS: numbers(index, 50).map((n) => `arn:aws:iam::111111111111:user/u${n}`) },
      NotAction: actionAt(index),
    }),
  ],
  [
    'many accounts, a user of each, and other actions in each',
    (index) => ({
      Effect: index % 2 === 0 ? 'Allow' : 'Deny',
      Principal: { AWS: numbers(index, 5).map((n) => `arn:aws:iam::${account(n)}:user/u`) },
      Action: actionAt(index),
    }),
  ],
  [
    'many sessions of many roles',
    (index) => ({
      Effect: index % 2 === 0 ? 'Allow' : 'Deny',
      Principal: {
        AWS: numbers(index, 2).map((n) =>
          n % 2 === 0 ? `arn:aws:iam::222222222222:role/r${n}` : `arn:aws:sts::222222222222:assumed-role/r${n - 1}/s`,
        ),
      },
      Action: actionAt(index),
    }),
  ],
  [
    'many ranges of addresses that are none',
    (index) => ({
      Effect: 'Allow',
      Principal: { AWS: `arn:aws:iam::${account(index)}:root` },
      Action: actionAt(index),
      Condition: { IpAddress: { 'aws:PrincipalOrgPaths': numbers(index, 10).map((n) => `10.${n}.0.0/x`) } },
    }),
  ],
  [
    'many variables, whose words are many',
    (index) => ({
      Effect: index % 2 === 0 ? 'Allow' : 'Deny',
      NotPrincipal: { AWS: account(index) },
      Action: '*',
      Condition: { DateLessThan: { 'aws:TagKeys': numbers(index, 40).map((n) => `\${aws:PrincipalTag/t${n}}`) } },
    }),
  ],
  [
    'many dates in many statements',
    (index) => ({
      Effect: 'Allow',
      Principal: { AWS: account(index) },
      Action: actionAt(index),
      Condition: {
        DateGreaterThan: {
          'aws:CurrentTime': numbers(index, 3).map((n) => new Date(Date.UTC(2029, 0, n + 1)).toISOString()),
        },
      },
    }),
  ],
  [
    'many services under conditions',
    (index) => ({
      Effect: 'Allow',
      Principal: { Service: numbers(index, 30).map((n) => `s${n}.amazonaws.com`) },
      Action: actionAt(index),
      Condition: { 'ForAllValues:StringEquals': { 'aws:PrincipalOrgPaths': [`o-abcdefgh${index}/r-1/*`, 'o-x/*'] } },
    }),
  ],
  [
    'a role in each, for its own version of the value, in its own network',
    (index) => ({
      Effect: index % 7 === 0 ? 'Deny' : 'Allow',
      Principal: { AWS: `arn:aws:iam::${account(index)}:role/app-${index}` },
      Action: [actionAt(index), 'secretsmanager:GetSecretValue'],
      Condition: {
        StringEquals: { 'secretsmanager:VersionStage': 'AWSCURRENT', 'aws:PrincipalTag/team': `team-${index}` },
        IpAddress: { 'aws:SourceIp': `10.${index}.0.0/16` },
      },
    }),
  ],
];

/** What freezes a process makes tens of millions of them. */
const MOST_CALLS = 30_000_000;
/** Before others have their turn. */
const MOST_AT_ONCE = 1_000_000;
const TURNS = { steps: 100_000, turns: 20 };

const documents = [...KINDS.map(([name, of]): [string, PolicyDocument] => [name, full(of)]), ...hostileDocuments()];
const other = documents[2]?.[1] ?? null;

const transition = (before: PolicyDocument | null, after: PolicyDocument) => ({
  ...{ before: structuredClone(before), after: structuredClone(after), secret: REPLICATED },
  ...{ now: new Date('2026-11-01T00:00:00Z'), budget: newBudget(STEPS_IN_TURNS) },
});
const judge = (before: PolicyDocument | null, after: PolicyDocument): Effect =>
  atOnce(effectOf(transition(before, after)));

for (const [name, document] of documents) {
  t.test(`to say whom a change moves is bounded work, and others come in between: ${name}`, async (t) => {
    const holds = (what: string, { all, most }: Awaited<ReturnType<typeof callsInTurns>>) => {
      t.ok(all <= MOST_CALLS, `${what}: ${all} of ${MOST_CALLS} calls`);
      t.ok(most <= MOST_AT_ONCE, `${what}: ${most} of ${MOST_AT_ONCE} calls at once`);
    };
    for (const [what, before] of [
      ['from nothing', null],
      ['from another', other],
    ] as const) {
      const change = transition(before, document);
      holds(what, await callsInTurns(effectOf(change), change.budget, TURNS));
    }
    const budget = newBudget(STEPS_IN_TURNS);
    const work = letsEscalate(structuredClone(document), budget, REPLICATED);
    holds('whether it escalates', await callsInTurns(work, budget, TURNS));
  });
}

t.test('those for whom no work is left may gain, and may lose, by what is new or gone', async (t) => {
  const [[, denials] = [], [, mixed] = []] = documents;
  if (denials === undefined || mixed === undefined) throw new Error('There are such documents.');
  const perhaps = ({ gains, loses }: Effect) =>
    [gains, loses].map((items) => items.some(({ conditions }) => conditions.join().includes('more work')));
  t.same(perhaps(judge(null, denials)), [false, true], 'by a new Deny nobody gains');
  t.same(perhaps(judge(denials, mixed)), [true, true]);
  t.same(judge(null, denials).loses.at(-1)?.kind, 'everyone');
});

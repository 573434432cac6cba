import t from 'tap';
import { gainsOf } from '../../src/access/guard/gains.ts';
import { type Effect, effectOf } from '../../src/access/judge/effect/effect.ts';
import { letsEscalate } from '../../src/access/judge/effect/escalation.ts';
import type { PolicyDocument, Statement } from '../../src/policy/document.ts';
import { atOnce, newBudget } from '../../src/policy/evaluate/budget.ts';
import { PROD_SECRET, REPLICATED } from './prod-secret.ts';

/** Changes that tell in some Regions only, or later only: whoever gains or loses is named, where and when. */

const ABROAD = PROD_SECRET.arn.replace('us-east-1', 'eu-west-1');
const OUTSIDE = '444444444444';
const NOW = new Date('2026-11-01T00:00:00Z');

const allow = (more: Partial<Statement> = {}): Statement => ({
  ...{ Effect: 'Allow', Principal: { AWS: OUTSIDE }, Action: 'secretsmanager:GetSecretValue', Resource: '*' },
  ...more,
});
const deny = (more: Partial<Statement>): Statement => allow({ Effect: 'Deny', ...more });
const denyElsewhere = ({ Resource: _, ...rest } = deny({})): Statement => ({ ...rest, NotResource: PROD_SECRET.arn });
const document = (...statements: Statement[]): PolicyDocument | null =>
  statements.length === 0 ? null : { Version: '2012-10-17', Statement: statements };

const changing = (before: Statement[], after: Statement[]): Effect =>
  atOnce(
    effectOf({
      ...{ before: document(...before), after: document(...after) },
      ...{ secret: REPLICATED, now: NOW, budget: newBudget() },
    }),
  );

/** Of one account and action: under which conditions it moves. */
const moves = ({ gains, loses }: Effect) => ({
  gains: gains.map(({ principal, conditions }) => [principal, ...conditions]),
  loses: loses.map(({ principal, conditions }) => [principal, ...conditions]),
});
const ROOT = `arn:aws:iam::${OUTSIDE}:root`;
const IN_EUROPE = { StringEquals: { 'aws:RequestedRegion': ['eu-west-1', 'eu-north-1'] } };

const CHANGES: [string, Statement[], Statement[], { gains?: string[][]; loses?: string[][] }][] = [
  ['an Allow of the replica’s ARN', [], [allow({ Resource: ABROAD })], { gains: [[ROOT, 'In eu-west-1.']] }],
  ['an Allow in some Regions', [], [allow({ Condition: IN_EUROPE })], { gains: [[ROOT, 'In eu-west-1, eu-north-1.']] }],
  [
    'an Allow by a variable of a Region',
    [],
    [
      allow({
        Condition: { StringLike: { 'aws:PrincipalAccount': OUTSIDE, 'secretsmanager:SecretId': '*:eu-west-1:*' } },
      }),
    ],
    { gains: [[ROOT, 'In eu-west-1.']] },
  ],
  [
    'a Deny of the replica goes',
    [allow(), deny({ Resource: ABROAD })],
    [allow()],
    { gains: [[ROOT, 'In eu-west-1.']] },
  ],
  [
    'a Deny of the replica comes',
    [allow()],
    [allow(), denyElsewhere()],
    { loses: [[ROOT, 'In eu-west-1, eu-north-1.']] },
  ],
  ['an Allow of the primary’s ARN', [], [allow({ Resource: PROD_SECRET.arn })], { gains: [[ROOT, 'In us-east-1.']] }],
  ['an Allow in every Region, by patterns', [], [allow({ Resource: 'arn:aws:*' })], { gains: [[ROOT]] }],
  [
    'an Allow moves abroad',
    [allow({ Resource: PROD_SECRET.arn })],
    [allow({ Resource: ABROAD })],
    {
      gains: [[ROOT, 'In eu-west-1.']],
      loses: [[ROOT, 'In us-east-1.']],
    },
  ],
];

for (const [rule, before, after, expected] of CHANGES) {
  t.test(`whoever gains or loses in some Regions is named with them: ${rule}`, async (t) => {
    t.same(moves(changing(before, after)), { gains: [], loses: [], ...expected });
  });
}

t.test('guardrails see what is gained in another Region only, and escalation there is told', async (t) => {
  const abroad = allow({ Resource: ABROAD, Action: 'secretsmanager:PutResourcePolicy' });
  t.match(gainsOf(changing([], [abroad]), REPLICATED), { accounts: [OUTSIDE], outside: true, escalation: true });
  t.ok(atOnce(letsEscalate(document(abroad), newBudget(), REPLICATED)));
  t.notOk(atOnce(letsEscalate(document(abroad), newBudget(), PROD_SECRET)));
});

const when = (operator: string, ...dates: string[]) => ({ Condition: { [operator]: { 'aws:CurrentTime': dates } } });
const FROM_2029 = 'From 2029-01-01T00:00:00Z on.';
const UNTIL_2030 = 'Until 2030-01-01T00:00:00Z.';
const ending2029 = allow(when('DateLessThan', '2029-01-01T00:00:00Z'));
const ending2030 = allow(when('DateLessThan', '2030-01-01T00:00:00Z'));

const LATER: typeof CHANGES = [
  ['an Allow that begins', [], [allow(when('DateGreaterThan', '2029-01-01'))], { gains: [[ROOT, FROM_2029]] }],
  [
    'an Allow that begins, in seconds',
    [],
    [allow({ Condition: { NumericGreaterThanEquals: { 'aws:EpochTime': '1861920000' } } })],
    { gains: [[ROOT, FROM_2029]] },
  ],
  ['an Allow of one second', [], [allow(when('DateEquals', '2029-01-01'))], { gains: [[ROOT, FROM_2029]] }],
  [
    'an Allow that begins and ends',
    [],
    [
      allow({
        Condition: {
          DateGreaterThan: { 'aws:CurrentTime': '2029-01-01T00:00:00Z' },
          DateLessThan: { 'aws:CurrentTime': '2030-01-01T00:00:00Z' },
        },
      }),
    ],
    { gains: [[ROOT, FROM_2029, UNTIL_2030]] },
  ],
  ['an expiry comes later', [ending2029], [ending2030], { gains: [[ROOT, FROM_2029, UNTIL_2030]] }],
  ['an expiry goes', [ending2029], [allow()], { gains: [[ROOT, FROM_2029]] }],
  ['an expiry comes earlier', [ending2030], [ending2029], { loses: [[ROOT, FROM_2029]] }],
  ['an expiry is new', [allow()], [ending2029], { loses: [[ROOT, FROM_2029]] }],
  ['a share that ends', [], [ending2030], { gains: [[ROOT, UNTIL_2030]] }],
  ['a share that ends goes', [ending2030], [], { loses: [[ROOT]] }],
  ['what has ended goes', [allow(when('DateLessThan', '2020-01-01')), allow()], [allow()], {}],
  [
    'a Deny that begins goes',
    [allow(), deny(when('DateGreaterThan', '2029-01-01'))],
    [allow()],
    { gains: [[ROOT, FROM_2029]] },
  ],
  [
    'an Allow that begins, on the replica',
    [],
    [allow({ Resource: ABROAD, ...when('DateGreaterThan', '2029-01-01') })],
    { gains: [[ROOT, FROM_2029, 'In eu-west-1.']] },
  ],
];

for (const [rule, before, after, expected] of LATER) {
  t.test(`whoever gains or loses later only is named with when: ${rule}`, async (t) => {
    t.same(moves(changing(before, after)), { gains: [], loses: [], ...expected });
  });
}

t.test('guardrails see what is gained later only', async (t) => {
  const effect = changing([ending2029], [ending2030]);
  t.match(gainsOf(effect, REPLICATED), { accounts: [OUTSIDE], outside: true, escalation: false });
});

t.test('of hundreds of dates that are too much work to judge somebody may gain', async (t) => {
  const dates = Array.from({ length: 900 }, (_, day) => new Date(Date.UTC(2029, 0, day)).toISOString());
  const { gains } = changing([], [allow(when('DateEquals', ...dates))]);
  t.match(gains, [{ principal: ROOT, actions: ['secretsmanager:GetSecretValue'] }]);
});

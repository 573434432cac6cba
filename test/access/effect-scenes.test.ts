import t from 'tap';
import { gainsOf } from '../../src/access/guard/gains.ts';
import { type Effect, effectOf } from '../../src/access/judge/effect/effect.ts';
import { letsEscalate } from '../../src/access/judge/effect/escalation.ts';
import type { Secret } from '../../src/access/secret.ts';
import type { PolicyDocument, Statement } from '../../src/policy/document.ts';
import { newBudget } from '../../src/policy/evaluate/budget.ts';
import { PROD_SECRET } from './prod-secret.ts';

/** Changes that tell in some Regions only, or later only: whoever gains or loses is named, where and when. */

const replica = (region: string) => ({ region, kmsKeyId: null, status: 'InSync', statusMessage: null });
const REPLICATED: Secret = {
  ...PROD_SECRET,
  primaryRegion: 'us-east-1',
  replicaRegions: ['eu-west-1', 'eu-north-1'],
  replicas: [replica('eu-west-1'), replica('eu-north-1')],
};
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
  effectOf({
    ...{ before: document(...before), after: document(...after) },
    ...{ secret: REPLICATED, now: NOW, budget: newBudget() },
  });

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
  t.ok(letsEscalate(document(abroad), REPLICATED));
  t.notOk(letsEscalate(document(abroad), PROD_SECRET));
});

import t from 'tap';
import { effectOf } from '../../src/access/judge/effect/effect.ts';
import type { ConditionBlock, PolicyDocument } from '../../src/policy/document.ts';
import { atOnce, newBudget } from '../../src/policy/evaluate/budget.ts';
import { PROD_SECRET } from './prod-secret.ts';

const ANN = 'arn:aws:iam::222222222222:user/ann';
const variable = (name: string): string => `$\{${name}}`;

const gainsUnder = (Condition: ConditionBlock, Resource = '*'): string[] => {
  const after: PolicyDocument = {
    Version: '2012-10-17',
    Statement: {
      Effect: 'Allow',
      Principal: { AWS: ANN },
      Action: 'secretsmanager:GetSecretValue',
      Resource,
      Condition,
    },
  };
  const { gains } = atOnce(
    effectOf({ before: null, after, secret: PROD_SECRET, now: new Date(), budget: newBudget() }),
  );
  return gains.map(({ principal }) => principal);
};

const MET: [string, ConditionBlock][] = [
  [
    'an organization that the owner’s is, and a place in it',
    {
      StringEquals: { 'aws:PrincipalOrgID': variable('aws:ResourceOrgID') },
      'ForAnyValue:StringLike': { 'aws:PrincipalOrgPaths': 'o-home000001/r-1/*' },
    },
  ],
  [
    'places of one organization, not of another',
    {
      StringNotEquals: { 'aws:PrincipalOrgID': 'o-home000001' },
      'ForAnyValue:StringLike': { 'aws:PrincipalOrgPaths': ['o-home000001/r-1/*', 'o-other00001/r-9/ou-1/*'] },
    },
  ],
  ['a tag that is the user’s name', { StringEquals: { 'aws:PrincipalTag/owner': variable('aws:username') } }],
  ['a tag that is the account', { StringEquals: { 'aws:PrincipalAccount': variable('aws:PrincipalTag/account') } }],
  [
    'a tag with another in it, and by name',
    {
      StringLike: { 'aws:PrincipalTag/team': `team-${variable('aws:PrincipalTag/unit')}` },
      StringEquals: { 'aws:PrincipalTag/team': 'team-7', 'aws:PrincipalTag/unit': ['7', '8'] },
    },
  ],
  ['a default of a variable', { StringEquals: { 'aws:PrincipalTag/team': variable("aws:PrincipalTag/unit, 'none'") } }],
  [
    'a range without a range at its start and one at its end',
    {
      IpAddress: { 'aws:SourceIp': '10.0.0.0/8' },
      NotIpAddress: { 'aws:SourceIp': ['10.0.0.0/16', '10.255.0.0/16'] },
    },
  ],
  [
    'a range of IPv6 without its start',
    { IpAddress: { 'aws:SourceIp': '2001:db8::/32' }, NotIpAddress: { 'aws:SourceIp': '2001:db8::/64' } },
  ],
  [
    'patterns that mingle',
    { StringLike: { 'aws:PrincipalTag/team': 'pay*' }, StringLikeIfExists: { 'aws:PrincipalTag/team': '*-ops' } },
  ],
];

for (const [rule, condition] of MET) {
  t.test(`who gains under conditions that some call meets is named: ${rule}`, async (t) => {
    t.same(gainsUnder(condition), [ANN]);
  });
}

t.test('who gains by a variable in the resource is named', async (t) => {
  const condition = { StringEquals: { 'aws:PrincipalTag/team': ['prod', 'test'] } };
  t.same(gainsUnder(condition, `arn:aws:secretsmanager:*:*:secret:${variable('aws:PrincipalTag/team')}*`), [ANN]);
});

const NOT_MET: [string, ConditionBlock][] = [
  [
    'one organization and places of another',
    {
      StringEquals: { 'aws:PrincipalOrgID': 'o-home000001' },
      'ForAnyValue:StringLike': { 'aws:PrincipalOrgPaths': 'o-other00001/*' },
    },
  ],
  [
    'a range without itself',
    { IpAddress: { 'aws:SourceIp': '10.1.0.0/16' }, NotIpAddress: { 'aws:SourceIp': '10.0.0.0/8' } },
  ],
  [
    'two tags that are one and must differ',
    {
      StringEquals: { 'aws:PrincipalTag/team': variable('aws:PrincipalTag/unit'), 'aws:PrincipalTag/unit': 'ops' },
      StringNotEquals: { 'aws:PrincipalTag/team': 'ops' },
    },
  ],
];

for (const [rule, condition] of NOT_MET) {
  t.test(`nobody gains under conditions that no call meets: ${rule}`, async (t) => t.same(gainsUnder(condition), []));
}

import fc from 'fast-check';
import type { ConditionBlock, Statement } from '../../src/policy/document.ts';
import { ACCOUNTS, ELSEWHERE, HOME, OWNER } from './cast.ts';
import { either } from './weighted.ts';

const variable = (name: string): string => `$\{${name}}`;

/** `[operators, key, values]`: any one of each. */
const conditions = (focus: readonly string[]): [string[], string[], (string | string[])[]][] => [
  [
    ['StringEquals', 'StringNotEquals', 'StringEqualsIfExists', 'StringLike', 'StringNotEqualsIfExists'],
    ['aws:PrincipalOrgID', 'aws:PrincipalOrgId', 'AWS:principalorgid'],
    [HOME, ELSEWHERE, [HOME, ELSEWHERE], 'o-home*', variable('aws:ResourceOrgID')],
  ],
  [
    [
      'ArnEquals',
      'ArnLike',
      'ArnNotEquals',
      'ArnNotLike',
      'StringLike',
      'StringNotLike',
      'StringEquals',
      'StringNotEquals',
    ],
    ['aws:PrincipalArn', 'aws:principalarn'],
    [
      ...focus,
      [...focus],
      'arn:aws:iam::222222222222:role/*',
      'arn:aws:iam::222222222222:*',
      'arn:aws:iam::*:user/*',
      'arn:aws:iam::*:role/aws-reserved/sso.amazonaws.com/*/AWSReservedSSO_Ops_*',
      'arn:aws:iam::*:role/aws-reserved/sso.amazonaws.com*/AWSReservedSSO_Ops_*',
      `arn:aws:iam::${variable('aws:PrincipalAccount')}:role/*`,
    ],
  ],
  [
    ['StringEquals', 'StringNotEquals', 'StringLike'],
    ['aws:PrincipalAccount'],
    [...ACCOUNTS, ['222222222222', OWNER], '2222*', variable('aws:ResourceAccount')],
  ],
  [
    ['ForAnyValue:StringLike', 'ForAllValues:StringLike'],
    ['aws:PrincipalOrgPaths'],
    [`${HOME}/*`, `${HOME}/r-home/ou-home-00000001/*`],
  ],
  [
    ['StringEquals', 'StringNotEquals', 'StringNotEqualsIfExists', 'StringLike'],
    ['aws:SourceVpce'],
    ['vpce-0a0a0a0a', 'vpce-*'],
  ],
  [['IpAddress', 'NotIpAddress', 'NotIpAddressIfExists'], ['aws:SourceIp'], ['127.0.0.0/8', '203.0.113.0/24']],
  [
    ['StringEquals', 'StringNotEquals', 'StringEqualsIfExists', 'StringLike'],
    ['aws:PrincipalTag/team', 'aws:PrincipalTag/Team'],
    ['payments', 'pay*', variable('secretsmanager:ResourceTag/team'), ['ops', 'payments']],
  ],
  [['DateLessThan', 'DateGreaterThan'], ['aws:CurrentTime'], ['2020-01-01T00:00:00Z', '2099-01-01T00:00:00Z']],
  [
    ['Bool', 'BoolIfExists'],
    ['aws:SecureTransport', 'aws:ViaAWSService', 'aws:PrincipalIsAWSService'],
    ['true', 'false'],
  ],
  [
    ['StringEquals', 'StringNotEquals', 'StringEqualsIfExists'],
    ['secretsmanager:VersionStage'],
    ['AWSCURRENT', 'AWSPREVIOUS'],
  ],
  [['StringEquals', 'StringNotEquals'], ['aws:PrincipalType'], ['User', 'AssumedRole']],
  [['StringLike', 'StringNotLike'], ['aws:userid'], ['*:s2', 'A*', '*:*']],
  [['StringEquals', 'StringNotEquals'], ['aws:username'], ['Mary', 'olga']],
  [['StringEquals', 'StringNotEquals'], ['aws:RequestedRegion'], ['us-east-1', 'eu-west-1']],
  [
    ['StringEquals', 'StringLike'],
    ['secretsmanager:ResourceTag/team', 'aws:ResourceTag/team'],
    ['payments', variable('aws:PrincipalTag/team')],
  ],
  [['StringEquals', 'StringNotEquals'], ['secretsmanager:SecretId'], ['<secret>']],
  [['StringEquals'], ['secretsmanager:SecretPrimaryRegion'], ['us-east-1', 'eu-west-1']],
  [
    ['Null'],
    ['aws:PrincipalTag/team', 'aws:SourceVpce', 'aws:PrincipalOrgID', 'aws:username', 'secretsmanager:VersionStage'],
    ['true', 'false'],
  ],
];

const conditionBlock = (focus: readonly string[]): fc.Arbitrary<ConditionBlock> =>
  fc
    .constantFrom(...conditions(focus))
    .chain(([operators, keys, values]) =>
      fc.record({
        operator: fc.constantFrom(...operators),
        key: fc.constantFrom(...keys),
        value: fc.constantFrom(...values),
      }),
    )
    .map(({ operator, key, value }) => ({ [operator]: { [key]: value } }));

/** None in half of the statements, one or two in the others. */
export const conditionOf = (focus: readonly string[]): fc.Arbitrary<Pick<Statement, 'Condition'>> =>
  either<Pick<Statement, 'Condition'>>(
    [6, fc.constant({})],
    [5, conditionBlock(focus).map((Condition) => ({ Condition }))],
    [
      1,
      fc.tuple(conditionBlock(focus), conditionBlock(focus)).map(([one, two]) => ({ Condition: { ...one, ...two } })),
    ],
  );

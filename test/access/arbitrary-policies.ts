import fc from 'fast-check';
import type { ConditionBlock, PolicyDocument, PrincipalElement, Statement } from '../../src/policy/document.ts';

/** Pairs of a secret's policies, before and after a change. Small, of few names, so that statements meet. */

export const OWN = '111111111111';
export const HOME = 'o-home000001';
export const USER = 'arn:aws:iam::222222222222:user/ann';
export const ROLE = 'arn:aws:iam::222222222222:role/team/app';
export const SESSION = 'arn:aws:sts::222222222222:assumed-role/app/s1';
export const OWN_USER = `arn:aws:iam::${OWN}:user/owner`;
const OTHER = 'arn:aws:iam::333333333333:root';

const weighted = <T>(...choices: [number, T][]): fc.Arbitrary<T> =>
  fc.oneof(...choices.map(([weight, value]) => ({ weight, arbitrary: fc.constant(value) })));

const principal = weighted<Pick<Statement, 'Principal' | 'NotPrincipal'>>(
  ...[USER, ROLE, SESSION, OWN_USER, '222222222222', OTHER, OWN].map(
    (AWS): [number, { Principal: PrincipalElement }] => [2, { Principal: { AWS } }],
  ),
  [2, { Principal: { AWS: [USER, OTHER] } }],
  [5, { Principal: '*' }],
  [1, { Principal: { Service: 'lambda.amazonaws.com' } }],
);

const action = weighted<Pick<Statement, 'Action' | 'NotAction'>>(
  [6, { Action: 'secretsmanager:GetSecretValue' }],
  [3, { Action: ['secretsmanager:GetSecretValue', 'secretsmanager:DescribeSecret'] }],
  [1, { Action: 'secretsmanager:Get*' }],
  [1, { Action: 'SecretsManager:putresourcepolicy' }],
  [1, { Action: '*' }],
  [1, { NotAction: 'secretsmanager:GetSecretValue' }],
);

const condition = weighted<ConditionBlock | undefined>(
  [8, undefined],
  [2, { StringEquals: { 'aws:PrincipalOrgID': HOME } }],
  [2, { StringNotEquals: { 'aws:PrincipalOrgID': HOME } }],
  [1, { 'ForAnyValue:StringLike': { 'aws:PrincipalOrgPaths': `${HOME}/r-1/*` } }],
  [1, { StringEquals: { 'aws:SourceVpce': ['vpce-1', 'vpce-2'] } }],
  [1, { StringNotEqualsIfExists: { 'aws:SourceVpce': 'vpce-1' } }],
  [1, { NotIpAddress: { 'aws:SourceIp': '203.0.113.0/24' } }],
  [1, { StringEquals: { 'secretsmanager:VersionStage': 'AWSCURRENT' } }],
  [2, { ArnEquals: { 'aws:PrincipalArn': ROLE } }],
  [1, { ArnNotEquals: { 'aws:PrincipalArn': [USER, OWN_USER] } }],
  [1, { ArnLike: { 'aws:PrincipalArn': 'arn:aws:iam::222222222222:role/*' } }],
  [1, { StringEquals: { 'aws:PrincipalAccount': ['222222222222', OWN] } }],
  [1, { StringEquals: { 'aws:PrincipalTag/team': 'payments' } }],
  [1, { Null: { 'aws:SourceVpce': 'true' } }],
  [1, { DateLessThan: { 'aws:CurrentTime': '2030-01-01T00:00:00Z' } }],
  [1, { DateLessThan: { 'aws:CurrentTime': '2020-01-01T00:00:00Z' } }],
);

const statement: fc.Arbitrary<Statement> = fc
  .record({ Effect: weighted<Statement['Effect']>([3, 'Allow'], [2, 'Deny']), principal, action, condition })
  .map(({ Effect, principal: who, action: what, condition: when }) => ({
    ...{ Effect, ...who, ...what, Resource: '*' },
    ...(when && { Condition: when }),
  }));

const documentOf = (statements: readonly Statement[]): PolicyDocument | null =>
  statements.length === 0 ? null : { Version: '2012-10-17', Statement: [...statements] };

export type Pair = { before: PolicyDocument | null; after: PolicyDocument | null };

/** What stays, what goes and what comes: mostly one statement, as our own changes do. */
export const policyPair: fc.Arbitrary<Pair> = fc
  .tuple(
    fc.array(statement, { maxLength: 4 }),
    fc.array(statement, { maxLength: 1 }),
    fc.array(statement, { maxLength: 2 }),
  )
  .map(([stays, goes, comes]) => ({
    before: documentOf([...stays, ...goes]),
    after: documentOf([...stays, ...comes]),
  }));

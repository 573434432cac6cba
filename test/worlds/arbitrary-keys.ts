import fc from 'fast-check';
import type { ConditionBlock, PrincipalElement, Statement } from '../../src/policy/document.ts';
import { named, rootOf } from './arbitrary-statements.ts';
import { HOME, OWNER, PRINCIPALS, SERVICE_ROLE } from './cast.ts';
import { weighted } from './weighted.ts';
import type { Grant, Key } from './world.ts';

/** The key of a Region, its policy and its grants. */

const via = (region: string): ConditionBlock => ({
  StringEquals: { 'kms:ViaService': `secretsmanager.${region}.amazonaws.com` },
});

const keyAction = weighted<string | string[]>(
  [6, ['kms:Decrypt', 'kms:DescribeKey']],
  [3, ['kms:Decrypt', 'kms:GenerateDataKey']],
  [2, 'kms:*'],
  [1, 'KMS:decrypt'],
  [1, 'kms:De*'],
  [1, 'kms:GenerateDataKey'],
  [1, 'kms:Encrypt'],
);

const keyCondition = (region: string, arn: string): fc.Arbitrary<ConditionBlock | undefined> =>
  weighted<ConditionBlock | undefined>(
    [6, undefined],
    [6, via(region)],
    [1, via('ap-south-1')],
    [1, { StringLike: { 'kms:ViaService': 'secretsmanager.*.amazonaws.com' } }],
    [2, { StringEquals: { 'kms:EncryptionContext:SecretARN': arn } }],
    [1, { StringEquals: { 'kms:EncryptionContext:secretarn': arn } }],
    [1, { StringLike: { 'kms:EncryptionContext:SecretARN': `arn:aws:secretsmanager:*:${OWNER}:secret:world-*` } }],
    [1, { StringEquals: { 'kms:EncryptionContext:SecretVersionId': '<version>' } }],
    [1, { StringEquals: { 'kms:CallerAccount': OWNER } }],
    [1, { StringEquals: { 'kms:CallerAccount': '222222222222' } }],
    [1, { StringEquals: { 'aws:PrincipalOrgID': HOME } }],
    [1, { Bool: { 'kms:GrantIsForAWSResource': 'true' } }],
    [1, { 'ForAllValues:StringEquals': { 'kms:EncryptionContextKeys': ['SecretARN', 'SecretVersionId'] } }],
    [1, { ArnLike: { 'aws:PrincipalArn': 'arn:aws:iam::*:role/*' } }],
    [1, { StringEquals: { 'aws:PrincipalTag/team': 'payments' } }],
  );

const keyStatement = (focus: readonly string[], region: string, arn: string): fc.Arbitrary<Statement> =>
  fc
    .record({
      Effect: weighted<Statement['Effect']>([5, 'Allow'], [2, 'Deny']),
      Principal: fc.oneof(
        { weight: 6, arbitrary: named(focus).map((AWS): PrincipalElement => ({ AWS })) },
        { weight: 1, arbitrary: fc.constant<PrincipalElement>({ AWS: '*' }) },
      ),
      Action: keyAction,
      Resource: fc.constant('*'),
      Condition: keyCondition(region, arn),
    })
    .map(({ Condition, ...statement }) => (Condition === undefined ? statement : { ...statement, Condition }));

const delegates = (account: string): Statement => ({
  Effect: 'Allow',
  Principal: { AWS: rootOf(account) },
  Action: 'kms:*',
  Resource: '*',
});
const lookedAt: Statement = {
  Effect: 'Allow',
  Principal: { AWS: SERVICE_ROLE },
  Action: ['kms:DescribeKey', 'kms:GetKeyPolicy', 'kms:ListGrants', 'kms:CreateGrant', 'kms:RevokeGrant'],
  Resource: '*',
};
const readers = (focus: readonly string[], region: string): Statement => ({
  Effect: 'Allow',
  Principal: { AWS: [...new Set(focus.map((arn) => rootOf(arn.split(':')[4] ?? '')))] },
  Action: ['kms:Decrypt', 'kms:DescribeKey'],
  Resource: '*',
  Condition: via(region),
});

const grant = (focus: readonly string[], arn: string): fc.Arbitrary<Grant> =>
  fc.record(
    {
      GranteePrincipal: fc
        .oneof(named(focus), fc.constantFrom(...focus))
        // A grantee is an ARN.
        .map((name) => (/^\d+$/.test(name) ? rootOf(name) : name)),
      Operations: weighted(
        [6, ['Decrypt', 'DescribeKey']],
        [2, ['Decrypt', 'GenerateDataKey']],
        [1, ['DescribeKey']],
        [1, ['Encrypt', 'GenerateDataKey']],
      ),
      Constraints: weighted<NonNullable<Grant['Constraints']>>(
        [4, { EncryptionContextSubset: { SecretARN: arn } }],
        [1, { EncryptionContextSubset: { secretarn: arn } }],
        [1, { EncryptionContextSubset: { SecretARN: `${arn.slice(0, -1)}x` } }],
        [2, { EncryptionContextSubset: { SecretARN: arn, SecretVersionId: '<version>' } }],
        [1, { EncryptionContextSubset: { 'aws:ebs:id': 'vol-1' } }],
        [1, { EncryptionContextSubset: { SecretVersionId: '<version>' } }],
        [1, { EncryptionContextSubset: { SecretVersionId: 'ffffffff-ffff-4fff-8fff-ffffffffffff' } }],
        [2, { EncryptionContextEquals: { SecretARN: arn, SecretVersionId: '<version>' } }],
        [1, { EncryptionContextEquals: { SecretARN: arn } }],
        [1, { EncryptionContextEquals: { secretARN: arn, secretversionid: '<version>' } }],
        [1, { EncryptionContextEquals: { SecretARN: arn, SecretVersionId: '<version>', more: 'x' } }],
        [1, { SourceArn: arn }],
      ),
    },
    { requiredKeys: ['GranteePrincipal', 'Operations'] },
  );

export function keyOf(focus: readonly string[], region: string, arn: string): fc.Arbitrary<Key> {
  const customer = fc
    .record({
      foreign: weighted([12, false], [1, true]),
      namedBy: weighted<'arn' | 'id' | 'alias'>([6, 'arn'], [2, 'id'], [1, 'alias']),
      state: weighted<'Enabled' | 'Disabled' | 'PendingDeletion'>(
        [20, 'Enabled'],
        [1, 'Disabled'],
        [1, 'PendingDeletion'],
      ),
      delegated: weighted([8, true], [1, false]),
      seen: weighted([4, true], [1, false]),
      readers: weighted([1, true], [1, false]),
      statements: fc.array(keyStatement(focus, region, arn), { maxLength: 2 }),
      grants: fc.oneof(
        { weight: 2, arbitrary: fc.constant<Grant[]>([]) },
        { weight: 1, arbitrary: fc.array(grant(focus, arn), { minLength: 1, maxLength: 2 }) },
      ),
    })
    .map(
      ({ delegated, seen, readers: open, statements, grants, foreign, namedBy, state }): Key => ({
        type: 'customer',
        foreign,
        // A bare name would be looked up in the account of whoever creates the secret.
        namedBy: foreign ? 'arn' : namedBy,
        state,
        statements: [
          ...(delegated ? [delegates(foreign ? '555555555555' : OWNER)] : []),
          ...(seen && !delegated ? [lookedAt] : []),
          ...(open ? [readers(focus, region)] : []),
          ...statements,
        ],
        grants,
      }),
    );
  return fc.oneof({ weight: 8, arbitrary: customer }, { weight: 1, arbitrary: fc.constant<Key>({ type: 'default' }) });
}

export const someOfTheCast = fc.shuffledSubarray(
  PRINCIPALS.filter(({ arn }) => !arn.endsWith('user/other')).map(({ arn }) => arn),
  { minLength: 1, maxLength: 3 },
);

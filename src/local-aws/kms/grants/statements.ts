import type { ConditionBlock, PrincipalElement, Statement } from '../../../policy/document.ts';
import type { Call } from '../../call.ts';
import { shownPrincipal } from '../../enforcement/stored-policy.ts';
import type { GrantConstraints, GrantRecord, KeyRecord } from '../../records.ts';
import { seenGrantsOf } from './store.ts';

/** The key's grants for one action, as the statements that would allow the same: so that one evaluator judges both. */
export const grantStatements = (call: Call, key: KeyRecord, action: string): Statement[] =>
  seenGrantsOf(call, key)
    .filter(({ operations }) => operations.some((operation) => action === `kms:${operation}`))
    .map((grant) => ({
      Effect: 'Allow',
      Principal: principalElement(call, grant.grantee),
      Action: action,
      Resource: '*',
      Condition: mergedConditions([...constraintsOn(action, grant.constraints), ...delegationOf(action, grant)]),
    }));

/** A service principal by its name, everybody else as AWS shows them. */
export const principalElement = (call: Call, stored: string): PrincipalElement =>
  isServicePrincipal(stored) ? { Service: stored } : { AWS: shownPrincipal(stored, call.directory) };

export const isServicePrincipal = (stored: string): boolean => /^[a-z0-9.-]+\.amazonaws\.com(\.cn)?$/.test(stored);

/**
 * Those of the constraints that bear on the operation. The constraints of the encryption context bind what has one:
 * DescribeKey and RetireGrant have none; SourceArn does not bind RetireGrant.
 * Source: KMS API Reference, CreateGrant ("Constraints") and GrantConstraints.
 */
function constraintsOn(action: string, constraints: GrantConstraints = {}): ConditionBlock[] {
  const { EncryptionContextSubset: subset, EncryptionContextEquals: exact, SourceArn: source } = constraints;
  const bindsContext = action !== 'kms:DescribeKey' && action !== 'kms:RetireGrant';
  return [
    ...(bindsContext && subset ? [pairs(subset)] : []),
    ...(bindsContext && exact ? [pairs(exact), onlyKeys(exact)] : []),
    ...(source !== undefined && action !== 'kms:RetireGrant' ? [{ ArnEquals: { 'aws:SourceArn': source } }] : []),
  ];
}

const pairs = (context: Record<string, string>): ConditionBlock => ({
  StringEquals: Object.fromEntries(
    Object.entries(context).map(([name, value]) => [`kms:EncryptionContext:${name}`, value]),
  ),
});

const onlyKeys = (context: Record<string, string>): ConditionBlock => ({
  'ForAllValues:StringEqualsIgnoreCase': { 'kms:EncryptionContextKeys': Object.keys(context) },
});

/**
 * A grant made by force of a grant gives no more than that one: no other operations, and constraints as strict or
 * stricter. Source: KMS Developer Guide, "Granting CreateGrant permission".
 */
const delegationOf = (action: string, { operations, constraints }: GrantRecord): ConditionBlock[] =>
  action !== 'kms:CreateGrant'
    ? []
    : [
        { 'ForAllValues:StringEquals': { 'kms:GrantOperations': operations } },
        ...(constraints?.EncryptionContextEquals
          ? [{ StringEquals: { 'kms:GrantConstraintType': 'EncryptionContextEquals' } }]
          : []),
      ];

/** One block that holds where all of them do; they have no condition key in common. */
function mergedConditions(blocks: readonly ConditionBlock[]): ConditionBlock {
  const merged: ConditionBlock = {};
  for (const block of blocks) {
    for (const [operator, keys] of Object.entries(block)) merged[operator] = { ...merged[operator], ...keys };
  }
  return merged;
}

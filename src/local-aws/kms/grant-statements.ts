import type { Statement } from '../../policy/document.ts';
import type { Call } from '../call.ts';
import { shownPrincipal } from '../enforcement/stored-policy.ts';
import type { GrantRecord, KeyRecord } from '../records.ts';

export const grantsOf = (call: Call, key: KeyRecord): GrantRecord[] => call.store.list('grant', `${key.id}/`);

/**
 * The key's grants for one action, as the statements that would allow the same: so that one evaluator judges both.
 * A grant's constraint binds the cryptographic operations only (KMS API Reference, GrantConstraints).
 */
export const grantStatements = (call: Call, key: KeyRecord, action: string): Statement[] =>
  grantsOf(call, key)
    .filter(({ operations }) => operations.some((operation) => action === `kms:${operation}`))
    .map(({ grantee, constraints = {} }) => ({
      Effect: 'Allow',
      Principal: { AWS: shownPrincipal(grantee, call.directory) },
      Action: action,
      Resource: '*',
      ...(action === 'kms:DescribeKey' ? {} : constraintCondition(constraints)),
    }));

function constraintCondition({
  EncryptionContextSubset,
  EncryptionContextEquals,
}: NonNullable<GrantRecord['constraints']>) {
  const pairs = Object.entries(EncryptionContextSubset ?? EncryptionContextEquals ?? {});
  if (pairs.length === 0) return {};
  const equal = Object.fromEntries(pairs.map(([name, value]) => [`kms:EncryptionContext:${name}`, value]));
  const only = EncryptionContextEquals && {
    'ForAllValues:StringEquals': { 'kms:EncryptionContextKeys': Object.keys(EncryptionContextEquals) },
  };
  return { Condition: { StringEquals: equal, ...only } };
}

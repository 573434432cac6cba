import type { ConditionBlock, PrincipalElement, Statement } from '../../../policy/document.ts';
import type { GrantConstraints, KeyGrant } from './keys.ts';

/**
 * A grant, as the statement of the key's policy that would allow the same to who uses the secret: so that one evaluator
 * judges both. None where the grant has nothing for this secret.
 * @param secretArn in the key's Region, which is what the encryption context names there
 */
export function grantStatements({ grantee, operations, constraints }: KeyGrant, secretArn: string): Statement[] {
  const uses = USES.filter((operation) => operations.includes(operation)).map((operation) => `kms:${operation}`);
  const condition = conditionOf(constraints, secretArn);
  if (uses.length === 0 || condition === undefined) return [];
  return [{ Effect: 'Allow', Principal: principalOf(grantee), Action: uses, Resource: '*', ...condition }];
}

const USES = ['Decrypt', 'GenerateDataKey'];

const principalOf = (grantee: string): PrincipalElement =>
  /\.amazonaws\.com(\.cn)?$/.test(grantee) ? { Service: grantee } : { AWS: grantee };

/**
 * What is left open of a grant's constraints: the version, which differs from one value to the next, and the source. Undefined
 * where they never hold: the encryption context of Secrets Manager is SecretARN and SecretVersionId, and nothing else.
 * Source: Secrets Manager User Guide, "Encryption context"; KMS API Reference, GrantConstraints.
 */
function conditionOf(
  { subset = {}, equals, sourceArn }: GrantConstraints,
  secretArn: string,
): { Condition?: ConditionBlock } | undefined {
  const pairs = [...Object.entries(subset), ...Object.entries(equals ?? {})];
  const values = (wanted: string) => pairs.flatMap(([name, value]) => (name.toLowerCase() === wanted ? [value] : []));
  const others = pairs.some(([name]) => !CONTEXT.includes(name.toLowerCase()));
  if (others || values('secretarn').some((value) => value !== secretArn)) return undefined;
  const versions = [...new Set(values('secretversionid'))];
  if (versions.length > 1) return undefined;
  if (equals !== undefined && new Set(Object.keys(equals).map((name) => name.toLowerCase())).size < CONTEXT.length) {
    return undefined;
  }
  const condition: ConditionBlock = {
    ...(versions[0] !== undefined && { StringEquals: { [VERSION_KEY]: versions[0] } }),
    ...(sourceArn !== undefined && { ArnEquals: { 'aws:SourceArn': sourceArn } }),
  };
  return Object.keys(condition).length === 0 ? {} : { Condition: condition };
}

const CONTEXT = ['secretarn', 'secretversionid'];

/** The condition key of what differs from one version of a secret to the next. */
export const VERSION_KEY = 'kms:EncryptionContext:SecretVersionId';

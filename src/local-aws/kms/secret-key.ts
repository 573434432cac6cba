import type { Call } from '../call.ts';
import { refusalOf, requestContext } from '../enforcement/authorize.ts';
import type { KeyRecord } from '../records.ts';
import { keyContext, keyTarget } from './keys.ts';

/** What a key does for a secret. */
export type KeyUse = 'kms:Decrypt' | 'kms:Encrypt' | 'kms:GenerateDataKey';

/**
 * Whether the caller may use a secret's key through Secrets Manager: the key leg of every read and write of a value.
 * Source: Secrets Manager User Guide, "Secret encryption and decryption in AWS Secrets Manager".
 * @param secret its ARN in the key's Region, and the version, which are the encryption context
 */
export function mayUseSecretKey(
  call: Call,
  key: KeyRecord,
  action: KeyUse,
  secret: { arn: string; versionId: string },
): boolean {
  const service = `secretsmanager.${key.region}.amazonaws.com`;
  const encryption = { SecretARN: secret.arn, SecretVersionId: secret.versionId };
  const context = {
    ...requestContext(call, service),
    ...keyContext(call, key),
    'kms:ViaService': service,
    'kms:EncryptionContextKeys': Object.keys(encryption),
    ...Object.fromEntries(Object.entries(encryption).map(([name, value]) => [`kms:EncryptionContext:${name}`, value])),
  };
  return refusalOf(call, action, keyTarget(call, key, action), context) === null;
}

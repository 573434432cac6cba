import type { Call } from '../call.ts';
import { stateOf } from '../kms/key-states.ts';
import { findKey, type KeyPlace, specOf } from '../kms/keys.ts';
import { MANAGED_ALIAS } from '../kms/managed-key.ts';
import { type KeyUse, mayUseSecretKey } from '../kms/secret-key.ts';
import { AwsError, accessDenied, invalidRequest } from '../protocol/errors.ts';
import type { KeyRecord, SecretRecord, SecretVersion } from '../records.ts';
import type { LocatedSecret } from './secret-record.ts';

/** The version that the encryption context names while a key is only tried (User Guide, "Secret encryption and decryption"). */
const VALIDATION = 'RequestToValidateKeyAccess';

/**
 * Decrypts a version for the caller. In the primary Region any key that it was encrypted under will do: after a change
 * of the secret's key that is the one before as well (User Guide, "Choosing an AWS KMS key").
 * @throws AwsError AccessDeniedException, InvalidRequestException (default key, other account) or DecryptionFailure
 */
export function decrypt(call: Call, secret: LocatedSecret, version: SecretVersion): void {
  const { record, region, arn } = secret;
  refuseDefaultKeyAcrossAccounts(call, secret);
  const keys = keysOf(version, secret).flatMap((id) => findKey(call, id, { ...record, region }) ?? []);
  const allowed = keys.filter((key) => mayUseSecretKey(call, key, 'kms:Decrypt', { arn, versionId: version.id }));
  if (keys.length > 0 && allowed.length === 0) throw accessDenied(KMS_DENIED);
  if (!allowed.some((key) => isUsable(key, region))) {
    throw new AwsError(
      'DecryptionFailure',
      "Secrets Manager can't decrypt the protected secret text using the provided KMS key.",
    );
  }
}

/**
 * Encrypts a new version for the caller, under the secret's key of the primary Region.
 * @returns the ARN of the key
 * @throws AwsError AccessDeniedException, InvalidRequestException (default key, other account) or EncryptionFailure
 */
export function encrypt(call: Call, secret: LocatedSecret, versionId: string): string {
  refuseDefaultKeyAcrossAccounts(call, secret);
  return useForEncryption(call, secret, secret.record.kmsKeyId, 'kms:GenerateDataKey', versionId);
}

/** What is asked of the caller when a secret gets a key: both uses, as if of a version. @throws AwsError as `encrypt` */
export function validateKeyAccess(call: Call, secret: LocatedSecret): void {
  for (const action of ['kms:GenerateDataKey', 'kms:Decrypt'] as const) {
    useForEncryption(call, secret, secret.record.kmsKeyId, action, VALIDATION);
  }
}

/**
 * The versions of a secret that has got another key: those with AWSCURRENT, AWSPREVIOUS or AWSPENDING are encrypted
 * under it too, as far as the caller may decrypt them, and stay readable under the key before.
 * @throws AwsError as `encrypt`
 */
export function reencrypted(call: Call, before: LocatedSecret, after: LocatedSecret): SecretVersion[] {
  const staged = (version: SecretVersion) =>
    version.stages.some((stage) => /^AWS(CURRENT|PREVIOUS|PENDING)$/.test(stage));
  return before.record.versions.map((version) => {
    if (!staged(version) || !mayDecrypt(call, before, version)) return version;
    const key = useForEncryption(call, after, after.record.kmsKeyId, 'kms:Encrypt', version.id);
    return { ...version, keys: [...new Set([key, ...keysOf(version, before)])] };
  });
}

/** Why a secret can't be replicated to a Region under a key there; null when it can. */
export function replicationFault(call: Call, secret: LocatedSecret, region: string, kmsKeyId?: string): string | null {
  const { record } = secret;
  const key = findKey(call, kmsKeyId ?? MANAGED_ALIAS, { ...record, region });
  if (key === undefined || !isUsable(key, region)) return 'The KMS key is disabled or not found.';
  const current = record.versions.find(({ stages }) => stages.includes('AWSCURRENT'));
  const arn = secret.arn.replace(`:${secret.region}:`, `:${region}:`);
  const allowed =
    current === undefined ||
    (mayDecrypt(call, secret, current) &&
      mayUseSecretKey(call, key, 'kms:GenerateDataKey', { arn, versionId: current.id }));
  return allowed ? null : 'No permissions available on the KMS key to complete the replication.';
}

const KMS_DENIED = 'Access to KMS is not allowed';

function mayDecrypt(call: Call, secret: LocatedSecret, version: SecretVersion): boolean {
  try {
    decrypt(call, secret, version);
    return true;
  } catch (error) {
    if (error instanceof AwsError) return false;
    throw error;
  }
}

function useForEncryption(
  call: Call,
  { record, region, arn }: LocatedSecret,
  kmsKeyId: string | undefined,
  action: KeyUse,
  versionId: string,
): string {
  // A bare id or alias is looked up where the caller is, which for another account's writer is not where the key is.
  const place: KeyPlace = { ...record, region, account: kmsKeyId === undefined ? record.account : call.caller.account };
  const key = findKey(call, kmsKeyId ?? MANAGED_ALIAS, place);
  if (key === undefined) throw encryptionFailure(`Key '${kmsKeyId}' does not exist`);
  if (!mayUseSecretKey(call, key, action, { arn, versionId })) throw accessDenied(KMS_DENIED);
  if (!isUsable(key, region)) throw encryptionFailure(`${key.arn} can't be used.`);
  return key.arn;
}

const encryptionFailure = (why: string): AwsError =>
  new AwsError('EncryptionFailure', `Secrets Manager can't encrypt the secret value: ${why}`);

/** Of the Region, enabled and symmetric: others can't encrypt secrets (User Guide, "Choosing an AWS KMS key"). */
const isUsable = (key: KeyRecord, region: string): boolean =>
  key.region === region && stateOf(key) === 'Enabled' && specOf(key).spec === 'SYMMETRIC_DEFAULT';

function refuseDefaultKeyAcrossAccounts(call: Call, { record, region }: LocatedSecret): void {
  if (call.caller.account === record.account) return;
  const key = findKey(call, keyIdIn(record, region), { ...record, region });
  if (key?.manager === 'AWS') {
    throw invalidRequest(
      "You can't access a secret from a different AWS account if you encrypt the secret with the default KMS service key.",
    );
  }
}

/** The key of the secret in a Region, as it was given. */
function keyIdIn(record: SecretRecord, region: string): string {
  const { kmsKeyId } = record.replicas.find((replica) => replica.region === region) ?? record;
  return kmsKeyId ?? MANAGED_ALIAS;
}

const keysOf = (version: SecretVersion, { record, region }: LocatedSecret): string[] =>
  region === record.primaryRegion && version.keys !== undefined ? version.keys : [keyIdIn(record, region)];

/** As ListSecretVersionIds shows them: how is not documented, but for `DefaultEncryptionKey`, which others have seen. */
export const keyIdsOf = (call: Call, secret: LocatedSecret, version: SecretVersion): string[] =>
  keysOf(version, secret).map((id) => {
    const key = findKey(call, id, { ...secret.record, region: secret.region });
    return key?.manager === 'AWS' ? 'DefaultEncryptionKey' : (key?.arn ?? id);
  });

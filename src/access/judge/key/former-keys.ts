import { DomainError } from '../../../problems/problem.ts';
import type { SecretPlace } from '../../secret.ts';
import type { Key, KeyLooks } from './keys.ts';

/**
 * Versions of a secret that a former key of it has a say in. After a change of key AWS keeps AWSCURRENT, AWSPREVIOUS and
 * AWSPENDING under both, if whoever changed it could decrypt and encrypt them; others, or all of them, stay under the one before.
 * Source: Secrets Manager User Guide, "Change the encryption key for an AWS Secrets Manager secret".
 */
export type FormerKeys = {
  /** The labels of those that are not under the key of now. */
  left: string[];
  /** Of those that are under another one, be it besides. */
  open: string[];
  keys: string[];
  /** Why nobody can tell, where that is so. */
  why?: string;
};

/** Never rejects for what AWS answers. @param key the secret's key of now; undefined for the AWS managed one */
export async function formerKeys(
  keys: KeyLooks,
  place: SecretPlace,
  key: Promise<Key | undefined>,
): Promise<FormerKeys | undefined> {
  if (place.replica !== null || keys.versions === undefined) return undefined;
  try {
    const [versions, now] = await Promise.all([keys.versions(place.arn), key.catch(() => undefined)]);
    const ids = [...new Set(versions.flatMap(({ keyIds }) => keyIds))];
    const isNow = new Map<string, boolean>();
    for (const id of ids) isNow.set(id, await isKeyOfNow(keys, place, id, now));
    const former = ids.filter((id) => isNow.get(id) === false);
    if (former.length === 0) return undefined;
    const stagesOf = (some: typeof versions) => some.flatMap(({ stages }) => stages).toSorted();
    const open = versions.filter(({ keyIds }) => keyIds.some((id) => former.includes(id)));
    const left = open.filter(({ keyIds }) => keyIds.every((id) => former.includes(id)));
    return { left: stagesOf(left), open: stagesOf(open), keys: former };
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    return { left: [], open: [], keys: [], why: error.message };
  }
}

/** As others have seen ListSecretVersionIds call the AWS managed key. */
export const MANAGED_KEY = 'DefaultEncryptionKey';

/** How ListSecretVersionIds spells a key AWS does not document: by its ARN, id or alias. What can't be looked at is another one. */
async function isKeyOfNow(keys: KeyLooks, place: SecretPlace, id: string, now: Key | undefined): Promise<boolean> {
  const { kmsKeyId, region, account } = place;
  const isManaged = kmsKeyId === null || now?.manager === 'AWS';
  if (id === MANAGED_KEY || id.endsWith('alias/aws/secretsmanager')) return isManaged;
  if (id === now?.arn || now?.arn.endsWith(`:key/${id}`)) return true;
  // A key that can't be looked at is known by its name only.
  if (now === undefined && id === kmsKeyId) return true;
  try {
    const other = await keys.describe(id, region, account);
    return isManaged ? other.manager === 'AWS' : other.arn === now?.arn;
  } catch (error) {
    if (error instanceof DomainError) return false;
    throw error;
  }
}

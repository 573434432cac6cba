import { keepLoaded } from '../files/reloading.ts';
import { sha256Bytes } from '../hash.ts';
import { DomainError } from '../problems/problem.ts';
import type { AuthenticationDeps, ClosableAuthenticator } from './authenticator.ts';
import { credentialsOf, unauthenticated } from './credentials.ts';
import { createHashLine, type HashLine } from './hash-line.ts';
import { type ApiKey, readKeyFile } from './key-file.ts';
import { sameDigest, scryptDigest } from './key-hash.ts';

const MAX_KEY_CHARACTERS = 512;

/**
 * Keys from a file, in the header `x-api-key` or as `Authorization: Bearer KEY` or `ApiKey KEY`. The file is read again
 * when it changes; one that is not valid leaves the keys before in force.
 * @throws Error in one line that names file and entry
 */
export function createApiKeyAuthenticator(file: string, { clock, log }: AuthenticationDeps): ClosableAuthenticator {
  const inLine = createHashLine(clock);
  const load = () => {
    const keys = readKeyFile(file);
    log.info({ file, keys: keys.length }, 'API keys loaded');
    return createKeyring(keys, inLine);
  };
  const { current, close } = keepLoaded(file, { what: 'API keys', load, log });

  return {
    close,
    async authenticate({ apiKey, authorization, address = '' }) {
      const presented = apiKey ?? credentialsOf(authorization, 'bearer', 'apikey');
      if (presented === undefined) throw new DomainError('unauthenticated', { missing: 'apiKey' });
      const key = presented.length > MAX_KEY_CHARACTERS ? undefined : await current()(presented, address);
      if (key === undefined) throw unauthenticated('The API key is not known.');
      if (key.expiresAt <= clock().getTime()) throw unauthenticated('The API key has expired.');
      return { subject: key.subject, issuer: null, method: 'apiKey', groups: key.groups, scopes: key.scopes };
    },
  };
}

type Keyring = (presented: string, address: string) => Promise<ApiKey | undefined>;

/**
 * Finds the entry of a key that is presented. Its digest is compared with every entry's, in constant time and without
 * stopping at a match, so that the time tells neither how near a guess was nor which entry matched.
 */
function createKeyring(keys: readonly ApiKey[], inLine: HashLine): Keyring {
  const slow = keys.flatMap(({ hash, ...key }) => (hash.scheme === 'scrypt' ? [{ key: { ...key, hash }, hash }] : []));
  const fast = keys.filter(({ hash }) => hash.scheme === 'sha256');
  /** scrypt keys that were right once, by SHA-256 (in memory only), so that scrypt's price is paid once a key. */
  const proven = new Map<string, ApiKey>();

  return async (presented, address) => {
    const digest = sha256Bytes(presented);
    let found: ApiKey | undefined;
    for (const key of fast) if (sameDigest(key.hash.digest, digest)) found = key;
    found ??= proven.get(digest.toString('hex'));
    if (found !== undefined || slow.length === 0) return found;
    return inLine(address, async () => {
      for (const { key, hash } of slow) if (sameDigest(hash.digest, await scryptDigest(presented, hash))) found = key;
      if (found !== undefined) proven.set(digest.toString('hex'), found);
      return found;
    });
  };
}

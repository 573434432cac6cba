import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { sha256 } from '../hash.ts';

/**
 * How a key is kept: `sha256:HEX` for keys of 128 random bits or more, where a fast hash loses nothing, or
 * `scrypt:LOG2N:SALT:HASH` (base64url; r = 8, p = 1) for keys that somebody made up.
 * LOG2N is 12 to 15: at most 32 MiB and about 0.1 s for one comparison.
 */
export type KeyHash = { digest: Buffer } & ({ scheme: 'sha256' } | { scheme: 'scrypt'; log2N: number; salt: Buffer });

const SCRYPT_DIGEST_BYTES = 32;

/** undefined when the text is not a hash of a key. */
export function parseKeyHash(text: string): KeyHash | undefined {
  const [, hex] = /^sha256:([0-9a-f]{64})$/i.exec(text) ?? [];
  if (hex !== undefined) return { scheme: 'sha256', digest: Buffer.from(hex, 'hex') };
  const [, log2N, salt, hash] = /^scrypt:(1[2-5]):([\w-]{22,86}):([\w-]{43})$/.exec(text) ?? [];
  if (log2N === undefined || salt === undefined || hash === undefined) return undefined;
  return {
    scheme: 'scrypt',
    log2N: Number(log2N),
    salt: Buffer.from(salt, 'base64url'),
    digest: Buffer.from(hash, 'base64url'),
  };
}

export function scryptDigest(key: string, { log2N, salt }: { log2N: number; salt: Buffer }): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  const options = { N: 2 ** log2N, r: 8, p: 1, maxmem: 64 * 1_024 * 1_024 };
  scrypt(key, salt, SCRYPT_DIGEST_BYTES, options, (error, digest) => (error ? reject(error) : resolve(digest)));
  return promise;
}

export async function hashKey(key: string, scheme: KeyHash['scheme']): Promise<string> {
  if (scheme === 'sha256') return `sha256:${sha256(key)}`;
  const salt = randomBytes(16);
  const digest = await scryptDigest(key, { log2N: 15, salt });
  return `scrypt:15:${salt.toString('base64url')}:${digest.toString('base64url')}`;
}

/** Both are digests of the same length, so that the time says nothing of where they differ. */
export const sameDigest = (one: Buffer, other: Buffer): boolean => timingSafeEqual(one, other);

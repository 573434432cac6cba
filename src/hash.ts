import { hash } from 'node:crypto';

/**
 * SHA-256 of a text (as UTF-8) or of bytes. What is stored and given out hangs on it: entry ids, Sids, entity tags, the
 * audit chain, idempotency keys.
 */
export const sha256 = (data: string | Uint8Array, as: 'hex' | 'base64' | 'base64url' = 'hex'): string =>
  hash('sha256', data, as);

/** The same, as 32 bytes. */
export const sha256Bytes = (data: string | Uint8Array): Buffer => hash('sha256', data, 'buffer');

import { randomUUID } from 'node:crypto';
import { sha256 } from './hash.ts';

/** UUID version 7 (RFC 9562 section 5.7): 48 bits of Unix milliseconds, then random bits, so that ids sort by time. */
export function uuidV7(time: Date): string {
  // Behind its version Node's own, for which it keeps random bits at hand, has the same form.
  return `${uuidV7Start(time)}-7${randomUUID().slice(15)}`;
}

/** What UUIDs of then begin with: a text before each of them, and behind all of earlier. */
export function uuidV7Start(time: Date): string {
  const milliseconds = time.getTime().toString(16).padStart(12, '0');
  return `${milliseconds.slice(0, 8)}-${milliseconds.slice(8)}`;
}

/** The same for the same name: UUID version 8 (RFC 9562 section 5.8), of its SHA-256. */
export function uuidNamed(name: string): string {
  const hash = sha256(name, 'hex');
  return `${hash.slice(0, 8)}-${hash.slice(8, 12)}-8${hash.slice(13, 16)}-8${hash.slice(17, 20)}-${hash.slice(20, 32)}`;
}

/** A text that is a UUID as we write them; undefined for another. */
export const readUuid = (text: string): string | undefined => (/^[0-9a-f-]{36}$/.test(text) ? text : undefined);

/** When a UUIDv7 was made, in Unix milliseconds; undefined of another text. */
export const timeOfUuidV7 = (text: string): number | undefined =>
  /^[0-9a-f]{8}-[0-9a-f]{4}-7/.test(text) ? Number.parseInt(text.slice(0, 8) + text.slice(9, 13), 16) : undefined;

import { randomBytes } from 'node:crypto';

/** UUID version 7 (RFC 9562 section 5.7): 48 bits of Unix milliseconds, then random bits, so that ids sort by time. */
export function uuidV7(time: Date): string {
  const bytes = randomBytes(16);
  bytes.writeUIntBE(time.getTime(), 0, 6);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x70, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

/** A text that is a UUID as we write them; undefined for another. */
export const readUuid = (text: string): string | undefined => (/^[0-9a-f-]{36}$/.test(text) ? text : undefined);

/** When a UUIDv7 was made, in Unix milliseconds; undefined of another text. */
export const timeOfUuidV7 = (text: string): number | undefined =>
  /^[0-9a-f]{8}-[0-9a-f]{4}-7/.test(text) ? Number.parseInt(text.slice(0, 8) + text.slice(9, 13), 16) : undefined;

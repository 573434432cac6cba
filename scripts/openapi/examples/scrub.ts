import { createHash } from 'node:crypto';

/** No other time has its milliseconds: times that requests name stay as they are. */
export const BEGAN = Date.parse('2029-03-01T09:30:00.123Z');
const CLOCK = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.123Z/g;
/** How long ago all is that was there before. */
const BEFORE_MS = 60 * 60_000;

/** As an ARN has it, also in an address. */
const SUFFIX = /((?::|%3A)secret(?::|%3A)[\w/%-]+)-[A-Za-z0-9]{6}\b/g;
const UUID = /\b[0-9a-f]{8}-[0-9a-f]{4}-([0-9a-f])[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}\b/g;
/** Of the console’s files: another with each of its changes. */
const CONSOLE = /\/console-files\/[0-9a-f]{16}\//g;
const UNIQUE_ID = /\b(AIDA|AROA)[A-Z0-9]{17}\b/g;
const HASH = /\b[0-9a-f]{64}\b/g;
const CURSOR = /"nextCursor":"[\w-]+"/g;
const NEXT = Buffer.from('where the next page begins').toString('base64url');
const COUNTED = /"(sequence|events)":(\d+)/g;
/** Of a finding: it hangs on the ARN. */
const FINDING = /"id":"([0-9a-f]{24})"(?=,"etag")/g;
/** As it stands in JSON. */
const ETAG = /\\"[\w-]{43}\\"/g;

/**
 * An answer without what is another each time, or hangs on what was asked before: ids and hashes are numbered as they come,
 * and it is always the same time of day.
 * @param now of the service’s clock, in Unix milliseconds
 */
export function scrub(body: string, now: number): string {
  const numbered = new Map<string, string>();
  const once = (found: string, make: (hex: string) => string): string => {
    const known = numbered.get(found) ?? make(createHash('sha256').update(String(numbered.size)).digest('hex'));
    numbered.set(found, known);
    return known;
  };
  return body
    .replace(CLOCK, (time) => {
      const ahead = Date.parse(time) - now;
      return new Date(BEGAN + (ahead < 0 ? -BEFORE_MS : ahead)).toISOString();
    })
    .replace(CURSOR, `"nextCursor":"${NEXT}"`)
    .replace(COUNTED, (_, name: string) => `"${name}":42`)
    .replace(CONSOLE, '/console-files/0123456789abcdef/')
    .replace(FINDING, (_, id: string) => `"id":"${once(id, (hex) => hex.slice(0, 24))}"`)
    .replace(SUFFIX, '$1-AbCdEf')
    .replace(UUID, (id, version: string) => once(id, (hex) => uuidOf(hex, version)))
    .replace(UNIQUE_ID, (id, kind: string) => once(id, (hex) => `${kind}${hex.slice(0, 17).toUpperCase()}`))
    .replace(ETAG, (etag) => once(etag, (hex) => `\\"${Buffer.from(hex, 'hex').toString('base64url')}\\"`))
    .replace(HASH, (hash) => once(hash, (hex) => hex));
}

/** Of version 7 it begins with the time. */
function uuidOf(hex: string, version: string): string {
  const time = BEGAN.toString(16).padStart(12, '0');
  const start = version === '7' ? time : hex.slice(20, 32);
  return `${start.slice(0, 8)}-${start.slice(8)}-${version}${hex.slice(0, 3)}-8${hex.slice(3, 6)}-${hex.slice(6, 18)}`;
}

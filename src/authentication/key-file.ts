import Type, { type Static } from 'typebox';
import { Compile } from 'typebox/schema';
import { readSmallFile } from '../files/small-file.ts';
import { SUBJECT_PATTERN } from './credentials.ts';
import { type KeyHash, parseKeyHash } from './key-hash.ts';

/** One entry of the keys file, as `node bin/new-api-key.ts` prints it. */
export const KeyEntry = Type.Object(
  {
    /** A name for the entry; no part of the key. */
    id: Type.String({ pattern: '^[A-Za-z0-9._-]{1,64}$' }),
    subject: Type.String({ pattern: SUBJECT_PATTERN }),
    /** key-hash.ts says which forms there are. */
    hash: Type.String(),
    groups: Type.Array(Type.String({ minLength: 1 })),
    scopes: Type.Array(Type.String({ minLength: 1 })),
    /** RFC 3339; without it the key does not expire. */
    expiresAt: Type.Optional(
      Type.String({ pattern: String.raw`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$` }),
    ),
  },
  { additionalProperties: false },
);
export type KeyEntry = Static<typeof KeyEntry>;

export type ApiKey = {
  subject: string;
  hash: KeyHash;
  groups: string[];
  scopes: string[];
  /** Milliseconds since 1970; Infinity for never. */
  expiresAt: number;
};

/** Each key that is wrong costs one comparison with every scrypt entry, so there are few of them. */
const MAX_SCRYPT_ENTRIES = 8;
const entryCheck = Compile(KeyEntry);

/**
 * Reads a keys file.
 * @throws Error in one line that names file and entry (never a hash): no JSON array, a field missing, unknown or not
 * valid, an id or a hash given twice, more than 8 scrypt entries
 */
export function readKeyFile(file: string): ApiKey[] {
  const content = parseJson(file, textOf(file));
  if (!Array.isArray(content)) throw new Error(`${file}: the file takes a JSON array of keys`);
  const seen = new Set<string>();
  const keys = content.map((entry: unknown, index) => {
    const fail = (what: string) => new Error(`${file}: entry ${index + 1}${nameOf(entry)}: ${what}`);
    assertEntry(entry, fail);
    for (const value of [`id ${entry.id}`, `hash ${entry.hash.toLowerCase()}`]) {
      if (seen.has(value)) throw fail(`the ${value.split(' ')[0]} is given twice`);
      seen.add(value);
    }
    return readEntry(entry, fail);
  });
  if (keys.filter(({ hash }) => hash.scheme === 'scrypt').length > MAX_SCRYPT_ENTRIES) {
    throw new Error(`${file}: more than ${MAX_SCRYPT_ENTRIES} scrypt entries; random keys can do with sha256`);
  }
  return keys;
}

/** @throws what `fail` makes of what is wrong with an entry, but for its hash */
export function assertEntry(entry: unknown, fail: (what: string) => Error): asserts entry is KeyEntry {
  if (!entryCheck.Check(entry)) {
    const [, [error]] = entryCheck.Errors(entry);
    const field = error?.instancePath.slice(1) ?? '';
    // TypeBox calls a field too many "schema is false".
    if (error?.keyword === 'boolean') throw fail(`${field} is no field of an entry`);
    throw fail(`${field} ${error?.message ?? 'is not valid'}`.trim());
  }
  if (Number.isNaN(Date.parse(entry.expiresAt ?? '1970-01-01'))) throw fail('expiresAt is no such date');
}

function textOf(file: string): string {
  try {
    return readSmallFile(file);
  } catch (cause) {
    throw new Error(`API_KEYS_FILE is ${JSON.stringify(file)}; it takes a file that can be read.`, { cause });
  }
}

function readEntry({ subject, groups, scopes, ...entry }: KeyEntry, fail: (what: string) => Error): ApiKey {
  const hash = parseKeyHash(entry.hash);
  if (hash === undefined) throw fail('hash takes sha256:64 HEX DIGITS or scrypt:LOG2N:SALT:HASH with LOG2N 12 to 15');
  const expiresAt = entry.expiresAt === undefined ? Number.POSITIVE_INFINITY : Date.parse(entry.expiresAt);
  return { subject, groups, scopes, hash, expiresAt };
}

function parseJson(file: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The parser's own message would quote the file.
    throw new Error(`${file}: not JSON`);
  }
}

function nameOf(entry: unknown): string {
  const id = (entry as { id?: unknown } | null)?.id;
  return typeof id === 'string' ? ` (${JSON.stringify(id.slice(0, 64))})` : '';
}

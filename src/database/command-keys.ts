import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { existsSync, writeFileSync } from 'node:fs';
import type { CommandSeal } from '../access/stored/command-seal.ts';
import { readSmallFile } from '../files/small-file.ts';

/** Of one key: as long as what HMAC-SHA256 gives. */
const KEY_BYTES = 32;

/**
 * The keys that what is stored and run later is sealed with: base64, one a line. The first seals, all of them verify, so
 * that a new one is put before the old, and the old one goes when nothing that it sealed waits any more (requests for access: 7 days).
 * @throws Error in one line when the file can't be read or holds something else
 */
export function readCommandKeys(path: string): Buffer[] {
  const lines = readLines(path);
  const keys = lines.map((line) => Buffer.from(line, 'base64'));
  if (keys.length > 0 && keys.every((key, index) => key.length >= KEY_BYTES && isBase64(lines[index]))) return keys;
  throw new Error(
    `COMMAND_KEY_FILE is ${JSON.stringify(path)}; it takes a file of keys in base64, one a line, of ${KEY_BYTES} bytes or more each.`,
  );
}

/** The same of a file beside a SQLite database, which is made where there is none. */
export function keepCommandKeys(path: string): Buffer[] {
  if (!existsSync(path))
    writeFileSync(path, `${randomBytes(KEY_BYTES).toString('base64')}\n`, { mode: 0o600, flag: 'wx' });
  return readCommandKeys(path);
}

/**
 * Seals by HMAC-SHA256 over kind and content, as JSON: what was stored as JSON comes back with its members in the same
 * order, and JSON.stringify takes any text.
 */
export function createCommandSeal(keys: readonly Buffer[]): CommandSeal {
  const [newest] = keys;
  if (newest === undefined) throw new Error('There is no key to seal with.');
  const mac = (key: Buffer, kind: string, stored: unknown) =>
    createHmac('sha256', key)
      .update(`stored-command ${JSON.stringify([kind, stored])}`)
      .digest();
  return {
    of: (kind, stored) => mac(newest, kind, stored).toString('base64url'),
    holds(kind, stored, seal) {
      if (typeof seal !== 'string') return false;
      const given = Buffer.from(seal, 'base64url');
      return keys.some((key) => isSame(mac(key, kind, stored), given));
    },
  };
}

const isSame = (one: Buffer, other: Buffer): boolean => one.length === other.length && timingSafeEqual(one, other);

const isBase64 = (line: string | undefined): boolean => /^[A-Za-z0-9+/_-]+={0,2}$/.test(line ?? '');

function readLines(path: string): string[] {
  try {
    return readSmallFile(path)
      .split(/\r?\n/)
      .filter((line) => line.trim() !== '');
  } catch (cause) {
    throw new Error(`COMMAND_KEY_FILE is ${JSON.stringify(path)}, which can’t be read.`, { cause });
  }
}

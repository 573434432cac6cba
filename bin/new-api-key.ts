import { randomBytes } from 'node:crypto';
import { parseArgs } from 'node:util';
import { SCOPES } from '../src/access/identity.ts';
import { assertEntry, type KeyEntry } from '../src/authentication/key-file.ts';
import { hashKey, type KeyHash } from '../src/authentication/key-hash.ts';
import { argumentsOf, HELP } from './arguments.ts';

/**
 * A new random key of 256 bits, and the entry for the keys file. The key is nowhere but in this answer.
 * @throws Error for an owner whose entry would stop the start
 */
export async function createKey(
  owner: Omit<KeyEntry, 'id' | 'hash'>,
  scheme: KeyHash['scheme'],
): Promise<{ key: string; entry: KeyEntry }> {
  // The prefix is for scanners that look for leaked keys.
  const key = `sas_${randomBytes(32).toString('base64url')}`;
  const entry = { id: `key-${randomBytes(4).toString('hex')}`, ...owner, hash: await hashKey(key, scheme) };
  assertEntry(entry, (what) => new Error(what));
  return { key, entry };
}

const USAGE = `node bin/new-api-key.ts SUBJECT [--groups a,b] [--scopes ${SCOPES.join(',')}]
                                        [--expires 2030-01-01T00:00:00Z] [--scrypt]`;

async function main(): Promise<void> {
  const { values, positionals } = argumentsOf(USAGE, () =>
    parseArgs({
      allowPositionals: true,
      options: {
        groups: { type: 'string', default: '' },
        scopes: { type: 'string', default: 'policy:read' },
        expires: { type: 'string' },
        scrypt: { type: 'boolean', default: false },
        ...HELP,
      },
    }),
  );
  const [subject, ...rest] = positionals;
  if (subject === undefined || rest.length > 0) throw new Error('exactly one SUBJECT is needed');
  const scopes = values.scopes.split(',').filter(Boolean);
  const unknown = scopes.filter((scope) => !SCOPES.some((known) => known === scope));
  if (unknown.length > 0) throw new Error(`no such scope: ${unknown.join(', ')}; there are ${SCOPES.join(', ')}`);
  const { key, entry } = await createKey(
    {
      subject,
      groups: values.groups.split(',').filter(Boolean),
      scopes,
      ...(values.expires !== undefined && { expiresAt: values.expires }),
    },
    values.scrypt ? 'scrypt' : 'sha256',
  );
  console.log(`The key, shown only now:\n\n${key}\n\nIts entry, for the array in the keys file:\n`);
  console.log(JSON.stringify(entry, null, 2));
}

if (import.meta.main) {
  await main().catch((error: Error) => {
    console.error(`${error.message}\n\n${USAGE}`);
    process.exitCode = 2;
  });
}

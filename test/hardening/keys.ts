import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Test } from 'tap';
import { createKey } from '../../bin/new-api-key.ts';
import { type BuildOptions, build } from '../helper.ts';

export type Owner = { subject: string; scopes: string[]; groups: string[] };

/** The service in AUTH_MODE api-key, and one key for each owner. */
export async function buildWithKeys<Name extends string>(
  t: Test,
  owners: Record<Name, Owner>,
  options: BuildOptions = {},
) {
  const directory = mkdtempSync(join(tmpdir(), 'keys-'));
  t.teardown(() => rmSync(directory, { recursive: true }));
  const file = join(directory, 'keys.json');
  const created = await Promise.all(
    Object.entries<Owner>(owners).map(async ([name, owner]) => [name, await createKey(owner, 'sha256')] as const),
  );
  writeFileSync(file, JSON.stringify(created.map(([, { entry }]) => entry)));
  const built = await build(t, { ...options, env: { AUTH_MODE: 'api-key', API_KEYS_FILE: file, ...options.env } });
  const keys = Object.fromEntries(created.map(([name, { key }]) => [name, key])) as Record<Name, string>;
  return { ...built, keys };
}

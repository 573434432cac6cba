import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Test } from 'tap';
import { createKey } from '../bin/new-api-key.ts';
import { DEFAULT_POLICIES } from '../src/authorization/authorizer.ts';

export type Callers = Record<string, { groups?: string[]; scopes?: string[] }>;

/** Callers with API keys, and a directory of guardrails: the set that ships, with these files over it. */
export async function callers<const C extends Callers>(t: Test, people: C, policies: Record<string, string> = {}) {
  const directory = mkdtempSync(join(tmpdir(), 'callers-'));
  t.teardown(() => rmSync(directory, { recursive: true, force: true }));
  const guardrails = join(directory, 'guardrails');
  cpSync(DEFAULT_POLICIES, guardrails, { recursive: true });
  const write = (name: string, text: string) => writeFileSync(join(guardrails, name), text);
  for (const [name, text] of Object.entries(policies)) write(name, text);

  const all = ['policy:read', 'policy:write', 'audit:read'];
  const keys = await Promise.all(
    Object.entries(people).map(async ([subject, { groups = [], scopes = all }]) => {
      const { key, entry } = await createKey({ subject, groups, scopes }, 'sha256');
      return { subject, key, entry };
    }),
  );
  const file = join(directory, 'keys.json');
  writeFileSync(file, JSON.stringify(keys.map(({ entry }) => entry)));
  return {
    directory,
    /** Writes a file of guardrails, as an operator would while the service runs. */
    write,
    env: {
      AUTH_MODE: 'api-key',
      API_KEYS_FILE: file,
      POLICIES_DIR: guardrails,
      DATABASE_URL: `sqlite:${join(directory, 'audit.db')}`,
    },
    /** The headers of each caller. */
    as: Object.fromEntries(keys.map(({ subject, key }) => [subject, { 'x-api-key': key }])) as {
      [name in keyof C]: { 'x-api-key': string };
    },
  };
}

import { cpSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createKey } from '../bin/new-api-key.ts';
import { DEFAULT_POLICIES } from '../src/authorization/authorizer.ts';
import type { LocalAws } from '../src/local-aws/index.ts';
import type { Ending } from './ending.ts';
import { type BuildOptions, build, type Call } from './helper.ts';
import { scratch } from './scratch.ts';

/** By the name that tests call them; `subject` where the service knows them by another. */
export type People = Record<string, { subject?: string; groups?: string[]; scopes?: string[] }>;
type Headers = Record<string, string>;
type Guarded<Name extends string> = {
  env: Record<string, string> & { DATABASE_URL: string };
  keys: Record<Name, string>;
  /** Writes a file of guardrails, as an operator would while the service runs. */
  write(name: string, text: string): void;
};

const EVERYTHING = ['policy:read', 'policy:write', 'audit:read', 'estate:read'];
/** With what whoever is on call has: it lets them know of secrets that they may not read. */
export const ON_CALL = [...EVERYTHING, 'incident:write'];

/**
 * The service as people with API keys meet it: `as('ann').post(url, body)`. They belong to no group and have every scope
 * unless told otherwise. `policies`: files of guardrails over the set that ships, by name.
 */
export async function buildWithCallers<const P extends People>(
  t: Ending,
  people: P,
  { policies = {}, ...options }: BuildOptions & { policies?: Record<string, string> } = {},
) {
  const directory = scratch('callers');
  t.teardown(() => rmSync(directory, { recursive: true, force: true }));
  const guardrails = join(directory, 'guardrails');
  cpSync(DEFAULT_POLICIES, guardrails, { recursive: true });
  const write = (name: string, text: string) => writeFileSync(join(guardrails, name), text);
  for (const [name, text] of Object.entries(policies)) write(name, text);

  const made = await Promise.all(
    Object.entries(people).map(async ([name, { subject = name, groups = [], scopes = EVERYTHING }]) => {
      const { key, entry } = await createKey({ subject, groups, scopes }, 'sha256');
      return { name, key, entry };
    }),
  );
  const file = join(directory, 'keys.json');
  writeFileSync(file, JSON.stringify(made.map(({ entry }) => entry)));
  const env = {
    AUTH_MODE: 'api-key',
    API_KEYS_FILE: file,
    POLICIES_DIR: guardrails,
    DATABASE_URL: `sqlite:${join(directory, 'audit.db')}`,
    ...options.env,
  };
  const keys = Object.fromEntries(made.map(({ name, key }) => [name, key])) as Record<keyof P & string, string>;
  return buildFor(t, { env, keys, write }, options);
}

/** The next process of a service that `buildWithCallers` built: on its database, for its callers, against its AWS. */
export const rebuild = <Name extends string>(t: Ending, service: Guarded<Name> & { aws: LocalAws }) =>
  buildFor(t, service, { aws: service.aws });

async function buildFor<Name extends string>(
  t: Ending,
  { env, keys, write }: Guarded<Name>,
  options: Omit<BuildOptions, 'env'>,
) {
  const built = await build(t, { ...options, env });
  return { ...built, env, keys, write, as: (name: Name) => createCaller(built.call, keys[name]) };
}

function createCaller(call: Call, key: string) {
  const callAs: Call = (method, url, body, headers) => call(method, url, body, { 'x-api-key': key, ...headers });
  return {
    call: callAs,
    get: (url: string, headers?: Headers) => callAs('GET', url, undefined, headers),
    delete: (url: string, headers?: Headers) => callAs('DELETE', url, undefined, headers),
    post: (url: string, body?: unknown, headers?: Headers) => callAs('POST', url, body, headers),
    put: (url: string, body: unknown, headers?: Headers) => callAs('PUT', url, body, headers),
  };
}

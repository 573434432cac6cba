import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Credentials } from '../index.ts';

/** Where the service is, and who calls. */
type Settings = { url: string; credentials: Credentials };

const HERE = 'http://127.0.0.1:3000';
const NAMES = ['url', 'apiKey', 'apiKeyFile', 'token', 'tokenFile'] as const;
type Names = Partial<Record<(typeof NAMES)[number], string>>;

/**
 * From SECRET_ACCESS_URL, SECRET_ACCESS_API_KEY or SECRET_ACCESS_TOKEN (each of these two also …_FILE), else from
 * `$XDG_CONFIG_HOME/secret-access.json` (`~/.config`), else local mode. Both from one of them: a key goes to the address that
 * it stands beside, and to no other. Never from arguments, which all processes of the machine can read.
 * @throws Error that names the variable or file that can't be used
 */
export function readSettings(env: NodeJS.ProcessEnv): Settings {
  const path = env['SECRET_ACCESS_CONFIG'] ?? join(env['XDG_CONFIG_HOME'] ?? join(homedir(), '.config'), FILE);
  const written = readConfig(path);
  const said: Names = Object.fromEntries(
    NAMES.flatMap((name) => (given(env[variableOf(name)]) ? [[name, env[variableOf(name)]]] : [])),
  );
  const [who] = NAMES.filter((name) => name !== 'url' && said[name] !== undefined);
  if (who !== undefined && said.url === undefined && written.url !== undefined)
    throw new Error(`${variableOf(who)} says who calls, and ${path} where: set SECRET_ACCESS_URL, too.`);
  const { url = HERE, ...names } = said.url === undefined && who === undefined ? written : said;
  return { url: urlOf(url), credentials: credentialsOf(names) };
}

const FILE = 'secret-access.json';
const given = (value: string | undefined): boolean => value !== undefined && value !== '';
const variableOf = (name: string): string =>
  `SECRET_ACCESS_${name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`;

function readConfig(path: string): Names {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return {};
    throw error;
  }
  const written: unknown = parse(text, path);
  if (typeof written !== 'object' || written === null) throw new Error(`${path} takes a JSON object.`);
  for (const [name, value] of Object.entries(written)) {
    if (!NAMES.some((known) => known === name))
      throw new Error(`${path}: ${name} is not known; it takes ${NAMES.join(', ')}.`);
    if (typeof value !== 'string') throw new Error(`${path}: ${name} takes a text.`);
  }
  return written;
}

function parse(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error(`${path} is not JSON.`);
  }
}

function credentialsOf({ apiKey, apiKeyFile, token, tokenFile }: Names): Credentials {
  const key = apiKey ?? (apiKeyFile && contentOf(apiKeyFile));
  if (key !== undefined) return { apiKey: key };
  const bearer = token ?? (tokenFile && contentOf(tokenFile));
  return bearer === undefined ? {} : { bearer };
}

const contentOf = (path: string): string => readFileSync(path, 'utf8').trim();

function urlOf(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '')
    throw new Error('SECRET_ACCESS_URL takes an http or https address without a user or password in it.');
  return text.replace(/\/+$/, '');
}

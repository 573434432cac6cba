import { isLoopback } from '../secure-url.ts';
import type { Variables } from './variables.ts';

export type DatabaseConfig = {
  databaseUrl: string;
  /** Of PostgreSQL, where the URL has none. */
  databasePassword: PasswordSource | undefined;
  /** Keys that what is stored and run later is sealed with; undefined for a file beside the SQLite database. */
  commandKeyFile: string | undefined;
};

/** Where the password of PostgreSQL comes from, each time that a connection is made, so that it can change. */
type PasswordSource = { file: string } | 'iam';

const DATABASE_URL = /^(?:sqlite:.+|postgres(?:ql)?:\/\/.+)$/;
const isPostgres = (url: string | undefined): boolean => /^postgres(?:ql)?:/.test(url ?? '');

export function readDatabase(variables: Variables): DatabaseConfig {
  const { text, matching, required } = variables;
  const url = matching('DATABASE_URL', DATABASE_URL, 'sqlite:PATH or postgres://USER:PASSWORD@HOST/DATABASE');
  return {
    databaseUrl: url ?? 'sqlite:data/audit.db',
    databasePassword: readPasswordSource(variables),
    commandKeyFile: isPostgres(url)
      ? required('COMMAND_KEY_FILE', 'the path of a file of keys, with PostgreSQL')
      : text('COMMAND_KEY_FILE'),
  };
}

export function readPasswordSource({ text, wrong }: Pick<Variables, 'text' | 'wrong'>): PasswordSource | undefined {
  const url = text('DATABASE_URL') ?? '';
  const file = text('DATABASE_PASSWORD_FILE');
  const iam = text('DATABASE_IAM_AUTH');
  if (iam !== undefined && iam !== 'true' && iam !== 'false') wrong('DATABASE_IAM_AUTH', 'true or false');
  const source = iam === 'true' ? 'iam' : file === undefined ? undefined : { file };
  if (source === undefined) return undefined;
  const name = source === 'iam' ? 'DATABASE_IAM_AUTH' : 'DATABASE_PASSWORD_FILE';
  if (!isPostgres(url)) wrong(name, 'nothing but with PostgreSQL');
  else if (URL.parse(url)?.password !== '') wrong(name, 'nothing where DATABASE_URL has a password');
  else if (source === 'iam' && file !== undefined) wrong(name, 'nothing but false with DATABASE_PASSWORD_FILE');
  else if (source === 'iam' && !isEncrypted(url))
    wrong(name, 'a DATABASE_URL with sslmode=verify-full: a token is a password');
  return source;
}

/** TLS to a server whose certificate is checked; or none, within this machine. */
function isEncrypted(url: string): boolean {
  const parsed = URL.parse(url);
  if (parsed === null) return false;
  return parsed.searchParams.get('sslmode') === 'verify-full' || isLoopback(parsed.hostname);
}

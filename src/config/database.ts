import { isLoopback } from '../secure-url.ts';

/** Where the password of PostgreSQL comes from, each time that a connection is made, so that it can change. */
export type PasswordSource = { file: string } | 'iam';

/** @param wrong is told of a variable, and what it takes */
export function readPasswordSource(
  text: (name: string) => string | undefined,
  wrong: (name: string, takes: string) => unknown,
): PasswordSource | undefined {
  const url = text('DATABASE_URL') ?? '';
  const file = text('DATABASE_PASSWORD_FILE');
  const iam = text('DATABASE_IAM_AUTH');
  if (iam !== undefined && iam !== 'true' && iam !== 'false') wrong('DATABASE_IAM_AUTH', 'true or false');
  const source = iam === 'true' ? 'iam' : file === undefined ? undefined : { file };
  if (source === undefined) return undefined;
  const name = source === 'iam' ? 'DATABASE_IAM_AUTH' : 'DATABASE_PASSWORD_FILE';
  if (!/^postgres(?:ql)?:/.test(url)) wrong(name, 'nothing but with PostgreSQL');
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

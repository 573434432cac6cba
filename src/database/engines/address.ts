import { auditUnavailable } from '../errors.ts';

/** What a PostgreSQL URL says before its query; pg lets the query win. */
const PARTS = ['user', 'password', 'host', 'port', 'connectionString'];

/**
 * A URL leads where it seems to: whether it has a password, names this machine, or checks the server's certificate is asked of
 * it (src/config/database.ts). A directory of Unix sockets (`host=/…`) has no other place, and is of this machine always.
 * @throws DomainError audit-unavailable, which names parameters and shows no value
 */
export function assertPlainAddress(url: string): void {
  const [, query = ''] = /^[^?#]*\?([^#]*)/.exec(url) ?? [];
  const parameters = [...new URLSearchParams(query)];
  const names = parameters.map(([name]) => name);
  const wrong = parameters.flatMap(([name, value], at) => {
    const isPart = PARTS.includes(name) && !(name === 'host' && value.startsWith('/'));
    return isPart || names.indexOf(name) !== at ? [name] : [];
  });
  if (wrong.length === 0) return;
  throw auditUnavailable(
    `The query of DATABASE_URL says ${[...new Set(wrong)].join(', ')}: it takes each parameter once, and what leads to the database stands before it, postgres://USER:PASSWORD@HOST:PORT/DATABASE.`,
  );
}

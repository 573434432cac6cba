import { readPasswordSource } from '../src/config/database.ts';
import { createVariables } from '../src/config/variables.ts';
import type { ConnectOptions, Database } from '../src/database/database.ts';
import { openDatabase } from '../src/services/open-database.ts';

/** The database of a running service, as a tool beside it opens it, or the service itself. @throws Error for what can’t be opened */
export function openJournal(databaseUrl: string, as: ConnectOptions['as'] = 'tool'): Promise<Database> {
  const env = { ...process.env, DATABASE_URL: databaseUrl };
  const wrong = (name: string, takes: string) => {
    throw new Error(`${name} takes ${takes}.`);
  };
  const databasePassword = readPasswordSource(createVariables(env, wrong));
  const region = process.env['AWS_REGION'] ?? process.env['AWS_DEFAULT_REGION'] ?? 'us-east-1';
  return openDatabase({ databaseUrl, databasePassword, region }, { as, timeoutMs: 30_000 });
}

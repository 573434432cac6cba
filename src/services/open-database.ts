import type { Config } from '../config/index.ts';
import { connect } from '../database/connect.ts';
import type { ConnectOptions, Database } from '../database/database.ts';
import { readSmallFile } from '../files/small-file.ts';

/**
 * The database of a configuration; its password is asked for by each connection.
 * @throws DomainError audit-unavailable
 */
export async function openDatabase(
  { databaseUrl, databasePassword, region }: Pick<Config, 'databaseUrl' | 'databasePassword' | 'region'>,
  options: Omit<ConnectOptions, 'password'>,
): Promise<Database> {
  if (databasePassword === undefined) return connect(databaseUrl, options);
  if (databasePassword !== 'iam')
    return connect(databaseUrl, { ...options, password: fromFile(databasePassword.file) });
  const { createDatabaseTokens } = await import('../aws/database-token.ts');
  return connect(databaseUrl, { ...options, password: createDatabaseTokens(databaseUrl, region) });
}

const fromFile = (file: string) => async () => readSmallFile(file).replace(/\r?\n$/, '');

import type { Role, Variables } from './variables.ts';

/** By which role the policies of readers are read, and in which accounts; undefined where nobody’s are. */
export type ReaderConfig = {
  role: Role;
  /** Where it is assumed; of accounts in which this service has a role anyhow, that one reads them. */
  accounts: readonly string[];
};

export function readReader(variables: Variables): ReaderConfig | undefined {
  const role = variables.role('READER_ROLE_NAME', 'READER_ROLE_EXTERNAL_ID');
  const accounts = variables.accounts('READER_ACCOUNTS');
  if (role !== undefined) return { role, accounts: accounts ?? [] };
  if (accounts !== undefined)
    variables.wrong('READER_ACCOUNTS', 'accounts only with READER_ROLE_NAME, the role that is assumed in them');
  return undefined;
}

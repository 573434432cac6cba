/** By which role the policies of readers are read, and in which accounts; undefined where nobody’s are. */
export type ReaderConfig = {
  role: { name: string; externalId?: string };
  /** Where it is assumed; of accounts in which this service has a role anyhow, that one reads them. */
  accounts: readonly string[];
};

/** @param text a variable, undefined where it is empty; @param wrong says that it is not as it must be, and what it takes */
export function readReader(
  text: (name: string) => string | undefined,
  wrong: (name: string, takes: string) => void,
): ReaderConfig | undefined {
  const name = text('READER_ROLE_NAME');
  const externalId = text('READER_ROLE_EXTERNAL_ID');
  const accounts = (text('READER_ACCOUNTS') ?? '').split(',').map((account) => account.trim());
  const isGiven = text('READER_ACCOUNTS') !== undefined;
  if (name !== undefined && !ROLE_NAME.test(name)) wrong('READER_ROLE_NAME', 'the name of an IAM role');
  if (isGiven && !accounts.every((account) => /^\d{12}$/.test(account)))
    wrong('READER_ACCOUNTS', 'account numbers of 12 digits, separated by commas');
  else if (isGiven && name === undefined)
    wrong('READER_ACCOUNTS', 'accounts only with READER_ROLE_NAME, the role that is assumed in them');
  if (name === undefined) return undefined;
  const role = { name, ...(externalId !== undefined && { externalId }) };
  return { role, accounts: isGiven ? [...new Set(accounts)] : [] };
}

const ROLE_NAME = /^[\w+=,.@/-]{1,512}$/;

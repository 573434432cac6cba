import type { Role, Variables } from './variables.ts';

export type AwsConfig = {
  region: string;
  /** Accounts whose secrets may be named by ARN: numbers, any, or the service's own alone. */
  allowedAccounts: readonly string[] | 'any' | 'own';
  assumeRole: Role | undefined;
  /** Policy calls a second per account and Region from this replica; AWS takes 50 from all together. */
  awsRequestsPerSecond: number;
};

export const REGION = /^[a-z]{2}(?:-[a-z]+)+-\d$/;

export function readAws(variables: Variables): AwsConfig {
  const { text } = variables;
  const isDefault = text('AWS_REGION') === undefined && text('AWS_DEFAULT_REGION') !== undefined;
  const region = isDefault ? 'AWS_DEFAULT_REGION' : 'AWS_REGION';
  return {
    region: variables.matching(region, REGION, 'an AWS Region') ?? 'us-east-1',
    assumeRole: variables.role('ASSUME_ROLE_NAME', 'ASSUME_ROLE_EXTERNAL_ID'),
    allowedAccounts: readAllowedAccounts(variables),
    awsRequestsPerSecond: variables.integer('AWS_REQUESTS_PER_SECOND', 40, 1, 10_000),
  };
}

function readAllowedAccounts({ text, accounts }: Variables): AwsConfig['allowedAccounts'] {
  if (text('ALLOWED_ACCOUNTS') === '*') return 'any';
  return accounts('ALLOWED_ACCOUNTS', 'account numbers of 12 digits, separated by commas, or * for any') ?? 'own';
}

import { type Account, ListAccountsCommand, type ListAccountsCommandOutput } from '@aws-sdk/client-organizations';
import { DomainError } from '../../problems/problem.ts';
import type { AwsClients } from '../clients.ts';
import { ORGANIZATION, type OrganizationClient } from './client.ts';

/**
 * The accounts of our organization.
 * https://docs.aws.amazon.com/organizations/latest/APIReference/API_ListAccounts.html
 * @returns the numbers of those that are active, in their order. It @throws DomainError aws-…
 */
export const createOrganizationAccounts =
  (clients: Pick<AwsClients, 'call'>, { asked }: Pick<OrganizationClient, 'asked'>) =>
  async (): Promise<string[]> => {
    const organizations = await asked();
    const accounts: Account[] = [];
    for (let next: string | undefined, isFirst = true; isFirst || next !== undefined; isFirst = false) {
      const command = new ListAccountsCommand({ NextToken: next });
      const facts = { action: 'organizations:ListAccounts', resource: ORGANIZATION };
      const page: ListAccountsCommandOutput = await clients.call(facts, command, () => organizations.send(command));
      accounts.push(...(page.Accounts ?? []));
      next = page.NextToken;
    }
    const active = accounts.flatMap(({ Id, State, Status }) => (Id && (State ?? Status) === 'ACTIVE' ? [Id] : []));
    if (active.length > 0) return active.toSorted();
    throw new DomainError('aws-error', { why: 'AWS listed no active account of the organization.' });
  };

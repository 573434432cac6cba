import {
  type Account,
  DescribeOrganizationCommand,
  ListAccountsCommand,
  type ListAccountsCommandOutput,
  OrganizationsClient,
} from '@aws-sdk/client-organizations';
import { partitionOfRegion } from '../policy/arn.ts';
import { DomainError } from '../problems/problem.ts';
import type { AssumedRole } from './assume-role.ts';
import type { AwsClients } from './clients.ts';
import { followed } from './followed.ts';
import { RequestHandler } from './request-handler.ts';
import { Sha256 } from './sha256.ts';

const ATTEMPT_MS = 5_000;
const ORGANIZATION = 'the organization of this service’s account';

/**
 * The accounts of our organization. AWS tells them to its management account, and to delegated administrators: the service's own, or
 * else a role in the management account, which every account may ask for the number of.
 * https://docs.aws.amazon.com/organizations/latest/APIReference/API_ListAccounts.html
 * `list`: the numbers of those that are active, in their order; `id` is the organization's. They @throw DomainError aws-…
 */
export function createOrganizationAccounts(options: {
  clients: Pick<AwsClients, 'call' | 'ownCredentials' | 'credentialsBy'>;
  region: string;
  role: AssumedRole | undefined;
  endpoint?: string | undefined;
}): { list(): Promise<string[]>; id(): Promise<string>; close(): void } {
  const { clients, region, role, endpoint } = options;
  const requestHandler = new RequestHandler(ATTEMPT_MS);
  const shared = {
    ...{ region, requestHandler, sha256: Sha256, cacheMiddleware: true },
    ...(endpoint !== undefined && { endpoint }),
  };
  const own = followed(new OrganizationsClient({ ...shared, credentials: clients.ownCredentials }));
  let asked: OrganizationsClient | undefined;

  /** Which AWS tells every account of it. */
  async function describe(): Promise<{ id: string; managementAccount: string }> {
    const command = new DescribeOrganizationCommand({});
    const facts = { action: 'organizations:DescribeOrganization', resource: ORGANIZATION };
    const { Organization } = await clients.call(facts, command, () => own.send(command));
    const { Id: id, MasterAccountId: managementAccount } = Organization ?? {};
    if (id !== undefined && managementAccount !== undefined) return { id, managementAccount };
    throw new DomainError('aws-error', {
      why: 'AWS did not say which organization this is, and which account manages it.',
    });
  }

  async function client(): Promise<OrganizationsClient> {
    if (role === undefined) return own;
    if (asked === undefined) {
      const { managementAccount } = await describe();
      const credentials = clients.credentialsBy(role)(partitionOfRegion(region), managementAccount);
      asked = followed(new OrganizationsClient({ ...shared, credentials }));
    }
    return asked;
  }

  return {
    async list() {
      const organizations = await client();
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
    },
    id: async () => (await describe()).id,
    close: () => requestHandler.destroy(),
  };
}

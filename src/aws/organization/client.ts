import { DescribeOrganizationCommand, OrganizationsClient } from '@aws-sdk/client-organizations';
import { partitionOfRegion } from '../../policy/arn.ts';
import { DomainError } from '../../problems/problem.ts';
import type { AssumedRole } from '../assume-role.ts';
import { followed } from '../calls/followed.ts';
import { RequestHandler } from '../calls/request-handler.ts';
import { Sha256 } from '../calls/sha256.ts';
import type { AwsClients } from '../clients.ts';

const ATTEMPT_MS = 5_000;
export const ORGANIZATION = 'the organization of this service’s account';

export type OrganizationClient = {
  /** By the role, where there is one. @throws DomainError aws-… */
  asked(): Promise<OrganizationsClient>;
  /** Its id, and the account that manages it, which every account of it may ask for. @throws DomainError aws-… */
  describe(): Promise<{ id: string; managementAccount: string }>;
  close(): void;
};

/**
 * AWS Organizations tells most to its management account, and to delegated administrators: the service's own, or else a role in the
 * management account, or in the `account` that is named.
 */
export function createOrganizationClient(options: {
  clients: Pick<AwsClients, 'call' | 'ownCredentials' | 'credentialsBy'>;
  region: string;
  role: (AssumedRole & { account?: string }) | undefined;
  endpoint?: string | undefined;
}): OrganizationClient {
  const { clients, region, role, endpoint } = options;
  const requestHandler = new RequestHandler(ATTEMPT_MS);
  const shared = {
    ...{ region, requestHandler, sha256: Sha256, cacheMiddleware: true },
    ...(endpoint !== undefined && { endpoint }),
  };
  const own = followed(new OrganizationsClient({ ...shared, credentials: clients.ownCredentials }));
  let byRole: OrganizationsClient | undefined;

  async function describe() {
    const command = new DescribeOrganizationCommand({});
    const facts = { action: 'organizations:DescribeOrganization', resource: ORGANIZATION };
    const { Organization } = await clients.call(facts, command, () => own.send(command));
    const { Id: id, MasterAccountId: managementAccount } = Organization ?? {};
    if (id !== undefined && managementAccount !== undefined) return { id, managementAccount };
    throw new DomainError('aws-error', {
      why: 'AWS did not say which organization this is, and which account manages it.',
    });
  }

  return {
    async asked() {
      if (role === undefined) return own;
      if (byRole === undefined) {
        const account = role.account ?? (await describe()).managementAccount;
        const credentials = clients.credentialsBy(role)(partitionOfRegion(region), account);
        byRole = followed(new OrganizationsClient({ ...shared, credentials }));
      }
      return byRole;
    },
    describe,
    close: () => requestHandler.destroy(),
  };
}

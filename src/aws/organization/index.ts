import type { Clock } from '../../clock.ts';
import type { AwsClients } from '../clients.ts';
import { createOrganizationAccounts } from './accounts.ts';
import { createOrganizationClient } from './client.ts';
import { createControlPolicies } from './control-policies.ts';

/** AWS Organizations, for what of it is asked for. */
export function openOrganization(
  options: Parameters<typeof createOrganizationClient>[0] & { clients: AwsClients; clock: Clock },
) {
  const client = createOrganizationClient(options);
  return {
    accounts: {
      list: createOrganizationAccounts(options.clients, client),
      id: async () => (await client.describe()).id,
    },
    controls: createControlPolicies(options.clients, client, options.clock),
    close: client.close,
  };
}

import type { OwnPolicyLooks } from '../../access/judge/identity/own-policies.ts';
import type { Clock } from '../../clock.ts';
import { createLru } from '../../lru.ts';
import { partitionOfRegion, secretsIn } from '../../policy/arn.ts';
import type { AssumedRole } from '../assume-role.ts';
import type { AwsClients } from '../clients.ts';
import { createPace, type Pace } from '../pace.ts';
import { createQuery } from '../query.ts';
import { RequestHandler } from '../request-handler.ts';
import { readPolicies } from './read-policies.ts';

const ATTEMPT_MS = 5_000;
/** Of one account, and for so long a call waits: IAM says of no call how many a second it takes, and others ask it, too. */
const CALLS_A_SECOND = 20;
const MAX_WAIT_MS = 10_000;
const MOST_ACCOUNTS = 1_000;

/**
 * Policies of users and roles as IAM has them, read by a role of their own account: in `accounts` by `role`, else by the one that this
 * service has there anyhow. Nobody else’s account is ever asked, whomever a caller names: whoever can make a role could see our external id.
 * @param options.held whether this service has a role in an account
 */
export function createOwnPolicies(options: {
  clients: Pick<AwsClients, 'call' | 'clientsFor' | 'credentialsBy'>;
  region: string;
  role: AssumedRole;
  accounts: readonly string[];
  held(account: string): Promise<boolean>;
  clock: Clock;
  endpoint?: string | undefined;
}): OwnPolicyLooks & { close(): void } {
  const { clients, region, accounts, held, clock } = options;
  const requestHandler = new RequestHandler(ATTEMPT_MS);
  const assumed = clients.credentialsBy(options.role);
  const partition = partitionOfRegion(region);
  const home = homeOf(partition);
  const { AWS_ENDPOINT_URL_IAM, AWS_ENDPOINT_URL } = process.env;
  const endpoint = options.endpoint ?? AWS_ENDPOINT_URL_IAM ?? AWS_ENDPOINT_URL ?? home.endpoint;

  const paces = createLru<Pace>(MOST_ACCOUNTS, (pace) => pace.isIdle());
  const paceOf = (account: string) =>
    paces.get(account, () => createPace({ perSecond: CALLS_A_SECOND, maxWaitMs: MAX_WAIT_MS, clock }));

  async function credentialsIn(account: string) {
    if (accounts.includes(account)) return assumed(partition, account);
    if (await held(account)) return clients.clientsFor(secretsIn({ account, region })).sts.config.credentials;
    return undefined;
  }

  return {
    async of(holder) {
      const credentials = holder.partition === partition ? await credentialsIn(holder.account) : undefined;
      if (credentials === undefined) return 'elsewhere';
      const asOf = clock();
      const service = { service: 'iam', version: '2010-05-08', region: home.region, endpoint } as const;
      const asker = { call: clients.call, credentials, requestHandler, pace: paceOf(holder.account) };
      const found = await readPolicies(holder, createQuery({ ...service, ...asker }));
      return found === 'gone' ? found : { ...found, asOf };
    },
    close: () => requestHandler.destroy(),
  };
}

/** There is one IAM for a partition. Source: AWS General Reference, "IAM endpoints and quotas". */
function homeOf(partition: string): { region: string; endpoint: string } {
  if (partition === 'aws-cn') return { region: 'cn-north-1', endpoint: 'https://iam.cn-north-1.amazonaws.com.cn' };
  if (partition === 'aws-us-gov') return { region: 'us-gov-west-1', endpoint: 'https://iam.us-gov.amazonaws.com' };
  return { region: 'us-east-1', endpoint: 'https://iam.amazonaws.com' };
}

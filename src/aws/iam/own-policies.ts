import { IAMClient } from '@aws-sdk/client-iam';
import type { Holder, OwnPolicyLooks } from '../../access/judge/identity/own-policies.ts';
import type { Clock } from '../../clock.ts';
import { createLru } from '../../lru.ts';
import { partitionOfRegion, secretsIn } from '../../policy/arn.ts';
import { beginningOf, PATH_OF_SETS } from '../../policy/principals/permission-set.ts';
import type { AssumedRole, Credentials } from '../assume-role.ts';
import { followed } from '../calls/followed.ts';
import { createPace, type Pace } from '../calls/pace.ts';
import { RequestHandler } from '../calls/request-handler.ts';
import { Sha256 } from '../calls/sha256.ts';
import type { AwsClients } from '../clients.ts';
import { createAsk } from './ask.ts';
import { readPolicies } from './read-policies.ts';

const ATTEMPT_MS = 5_000;
/** Of one account, and for so long a call waits: IAM says of no call how many a second it takes, and others ask it, too. */
const CALLS_A_SECOND = 20;
const MAX_WAIT_MS = 10_000;
/** A client takes 30 kB. */
const MOST_ACCOUNTS = 200;

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
  const { clients, region, accounts, held, clock, endpoint } = options;
  const requestHandler = new RequestHandler(ATTEMPT_MS);
  const assumed = clients.credentialsBy(options.role);
  const partition = partitionOfRegion(region);
  const shared = {
    ...{ region: HOMES[partition] ?? region, requestHandler, sha256: Sha256, cacheMiddleware: true },
    ...(endpoint !== undefined && { endpoint }),
  };
  const askers = createLru<{ iam: IAMClient; pace: Pace }>(MOST_ACCOUNTS, ({ pace }) => pace.isIdle());

  async function credentialsIn(account: string): Promise<(() => Promise<Credentials>) | undefined> {
    if (accounts.includes(account)) return assumed(partition, account);
    if (await held(account)) return clients.clientsFor(secretsIn({ account, region })).sts.config.credentials;
    return undefined;
  }

  async function askerFor(holder: Holder) {
    const { account } = holder;
    const credentials = await credentialsIn(account);
    if (credentials === undefined) return undefined;
    const asker = askers.get(account, () => ({
      iam: followed(new IAMClient({ ...shared, credentials })),
      pace: createPace({ perSecond: CALLS_A_SECOND, maxWaitMs: MAX_WAIT_MS, clock }),
    }));
    return createAsk({ ...asker, call: clients.call }, told(holder));
  }

  return {
    async of(holder) {
      const ask = holder.partition === partition ? await askerFor(holder) : undefined;
      if (ask === undefined) return 'elsewhere';
      const asOf = clock();
      const found = await readPolicies(holder, ask);
      return typeof found === 'string' ? found : { ...found, asOf };
    },
    close: () => requestHandler.destroy(),
  };
}

/** Where the one IAM of a partition is. Source: AWS General Reference, "IAM endpoints and quotas". */
const HOMES: Record<string, string> = { aws: 'us-east-1', 'aws-cn': 'cn-north-1', 'aws-us-gov': 'us-gov-west-1' };

/** As what it is all about is told. */
const told = ({ partition, account, type, name }: Holder): string =>
  `arn:${partition}:iam::${account}:${type === 'permissionSet' ? `role${PATH_OF_SETS}${beginningOf(name)}*` : `${type}/${name}`}`;

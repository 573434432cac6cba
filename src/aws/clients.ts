import { KMSClient } from '@aws-sdk/client-kms';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { STSClient } from '@aws-sdk/client-sts';
import { type Channels, createChannels } from '../channels.ts';
import type { Clock } from '../clock.ts';
import { createLru } from '../lru.ts';
import { parseArn, partitionOfRegion } from '../policy/arn.ts';
import { DomainError } from '../problems/problem.ts';
import type { Foreground } from '../turns/foreground.ts';
import { type AssumedRole, type Credentials, type CredentialsOf, createAssumedRoles } from './assume-role.ts';
import { type Call, createCall, type Reachability } from './calls/call.ts';
import { followed } from './calls/followed.ts';
import { createPace, type Pace } from './calls/pace.ts';
import { RequestHandler } from './calls/request-handler.ts';
import { Sha256 } from './calls/sha256.ts';
import { createOwnAccount } from './own-account.ts';

export type AwsClientOptions = {
  /** Our own Region, where secrets given by name are. */
  region: string;
  /** The role that reaches the secrets of other accounts; without it our own credentials are used everywhere. */
  assumeRole?: AssumedRole;
  /** The most milliseconds that one attempt may take. */
  callTimeoutMs: number;
  /** The most milliseconds that a call may take over all its attempts, waiting included. */
  deadlineMs: number;
  /** The most pairs of account and Region whose clients are kept; one that comes again is made again in 1 ms. */
  maxClients: number;
  /** Policy calls a second per calling account and Region, of which AWS allows 50 in all. With N replicas, give 40 / N. */
  requestsPerSecond?: number;
  /** Where every call is told of, those for credentials of other accounts too. */
  channels?: Pick<Channels, 'awsCall'>;
  clock: Clock;
  /** What calls in the background give way to. */
  foreground?: Foreground;
  /** Where all three services are; without it the SDK decides (AWS_ENDPOINT_URL_…, or the real AWS). */
  endpoint?: string;
  /** Without them the SDK's own chain decides (environment, container, instance …). */
  credentials?: Credentials;
};

type RegionalClients = {
  readonly secretsManager: SecretsManagerClient;
  readonly kms: KMSClient;
  readonly sts: STSClient;
  readonly pace: Pace;
};

export type AwsClients = {
  /**
   * The clients for a secret or key: an ARN says account and Region; a name, or '', means our own.
   * @throws DomainError partition-mismatch, validation-failed (not an ARN with an account and a Region)
   */
  clientsFor(arnOrName: string): RegionalClients;
  call: Call;
  /** Our own, whatever the account. */
  ownCredentials(): Promise<Credentials>;
  /** Those of another role, for each account. */
  credentialsBy(role: AssumedRole): CredentialsOf;
  /** The account of our own credentials, asked of STS once. */
  ownAccount(): Promise<string>;
  /** The ARN of who calls there: our own role, or the one that is assumed in that account. */
  callerIn(account: string): Promise<string>;
  reachability(): Reachability;
  /** Closes all connections. Call it when no call is in flight. */
  close(): void;
};

/** Deadlines end a call, not this number. */
const MAX_ATTEMPTS = 10;
const REGION = /^[a-z]{2}(-[a-z]+){1,2}-\d{1,2}$/;

/** All clients share one pool of connections, so that forgetting a client closes none that a call is using. */
export function createAwsClients(options: AwsClientOptions): AwsClients {
  const { region: ownRegion, callTimeoutMs, deadlineMs, clock, maxClients, assumeRole, foreground } = options;
  const ownPartition = partitionOfRegion(ownRegion);
  const requestHandler = new RequestHandler(callTimeoutMs);
  const shared = {
    cacheMiddleware: true,
    requestHandler,
    sha256: Sha256,
    retryMode: 'standard',
    maxAttempts: MAX_ATTEMPTS,
    ...(options.endpoint !== undefined && { endpoint: options.endpoint }),
  };
  const { channels = createChannels() } = options;
  const { call, reachability } = createCall({ deadlineMs, region: ownRegion, clock, channels });
  const ownSts = followed(
    new STSClient({
      ...shared,
      region: ownRegion,
      ...(options.credentials !== undefined && { credentials: options.credentials }),
    }),
  );
  const ownCredentials = () => ownSts.config.credentials();
  const ownAccount = createOwnAccount({ sts: ownSts, call }, assumeRole?.ownAccount);
  const assumedRoles = assumeRole && createAssumedRoles({ sts: ownSts, call, role: assumeRole, ownAccount, clock });
  const regional = createLru<RegionalClients>(maxClients);
  const paces = createLru<Pace>(maxClients, (pace) => pace.isIdle());

  /**
   * AWS counts a call against the account of who makes it, not of the secret: ours, unless a role in the secret's account
   * is assumed. A name is of our own account; that an ARN is too is known once STS has said so, which the first asks.
   */
  function paceFor(account: string | undefined, region: string): Pace {
    const isOurs = assumedRoles === undefined || account === undefined || account === ownAccount.known;
    const perSecond = options.requestsPerSecond ?? 40;
    return paces.get(`${isOurs ? 'ours' : account}/${region}`, () =>
      createPace({ perSecond, maxWaitMs: deadlineMs, clock, ...(foreground && { foreground }) }),
    );
  }

  function createRegional(account: string | undefined, region: string): RegionalClients {
    const credentials = account !== undefined && assumedRoles ? assumedRoles(ownPartition, account) : ownCredentials;
    const settings = { ...shared, region, credentials };
    let kms: KMSClient | undefined;
    let sts: STSClient | undefined;
    return {
      secretsManager: followed(new SecretsManagerClient(settings)),
      // A client takes 30 kB, and most places are asked for their secrets only.
      get kms() {
        kms ??= followed(new KMSClient(settings));
        return kms;
      },
      get sts() {
        sts ??= followed(new STSClient(settings));
        return sts;
      },
      get pace() {
        return paceFor(account, region);
      },
    };
  }

  function placeOf(arnOrName: string): { account?: string; region: string } {
    if (!arnOrName.startsWith('arn:')) return { region: ownRegion };
    const arn = parseArn(arnOrName);
    // The Region becomes part of a host name.
    if (arn === undefined || !/^\d{12}$/.test(arn.account) || !REGION.test(arn.region)) {
      throw new DomainError('validation-failed', {
        why: 'This is not the full ARN of something in an account and a Region.',
      });
    }
    if (arn.partition !== ownPartition || partitionOfRegion(arn.region) !== ownPartition) {
      throw new DomainError('partition-mismatch', { resource: arnOrName, ownPartition });
    }
    return { account: arn.account, region: arn.region };
  }

  return {
    clientsFor(arnOrName) {
      const { account, region } = placeOf(arnOrName);
      return regional.get(`${account ?? 'own'}/${region}`, () => createRegional(account, region));
    },
    call,
    ownCredentials,
    credentialsBy: (role) => createAssumedRoles({ sts: ownSts, call, role, ownAccount, clock }),
    ownAccount: ownAccount.ask,
    callerIn: async (account) =>
      assumeRole === undefined || account === (await ownAccount.ask())
        ? ownAccount.who()
        : `arn:${ownPartition}:iam::${account}:role/${assumeRole.name}`,
    reachability,
    close: () => requestHandler.destroy(),
  };
}

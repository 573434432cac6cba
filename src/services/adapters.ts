import { rememberKeys } from '../access/looks/remember-keys.ts';
import { createAuthenticator } from '../authentication/index.ts';
import { createAuthorizer } from '../authorization/authorizer.ts';
import { type AwsClientOptions, createAwsClients } from '../aws/clients.ts';
import { createKeys } from '../aws/keys.ts';
import { createSecretDirectory } from '../aws/secrets/secret-directory.ts';
import { createSecretPolicies } from '../aws/secrets/secret-policies.ts';
import { createSecretVersions } from '../aws/secrets/secret-versions.ts';
import type { Clock } from '../clock.ts';
import type { Config } from '../config/index.ts';
import { createApprovalStore } from '../database/approvals.ts';
import { createCommandSeal, keepCommandKeys, readCommandKeys } from '../database/command-keys.ts';
import type { Database } from '../database/database.ts';
import { createAcknowledgements } from '../database/estate/acknowledgements.ts';
import { createEstateIndex } from '../database/estate/index.ts';
import { createEstateKeys } from '../database/estate/keys.ts';
import { createEstatePlaces } from '../database/estate/places.ts';
import { createEstateSearch } from '../database/estate/search.ts';
import { createFinishedWorkPurger } from '../database/finished-work.ts';
import { createFollowUps } from '../database/follow-ups.ts';
import { createGrantsDue } from '../database/grants-due.ts';
import { createIdempotencyStore } from '../database/idempotency.ts';
import { createJournal } from '../database/journal/journal.ts';
import { openCheckpoints } from '../database/journal/verification/open-checkpoints.ts';
import { createSecretLock } from '../database/lock/index.ts';
import { createIncidentStore } from '../database/operations/incidents.ts';
import { createOperationQueue } from '../database/operations/queue.ts';
import { createOperationStore } from '../database/operations/store.ts';
import { openClock } from '../database/replicas/clock.ts';
import { createHome } from '../database/replicas/home.ts';
import { createStatistics } from '../database/statistics.ts';
import type { Telemetry } from '../telemetry/index.ts';
import type { Log } from '../telemetry/log.ts';
import { TIMING, type Timing } from '../timing.ts';
import { createForeground } from '../turns/foreground.ts';
import { openDatabase } from './open-database.ts';

/** What a test, or local mode, gives in the place of the surroundings. */
export type ServiceOverrides = {
  aws?: Partial<
    Pick<AwsClientOptions, 'endpoint' | 'credentials' | 'callTimeoutMs' | 'deadlineMs' | 'requestsPerSecond'>
  >;
  clock?: Clock;
  timing?: Partial<Timing>;
};

/** PostgreSQL's administrators must not have them; beside a SQLite file they keep out who can write that file alone. */
function commandKeys({ commandKeyFile }: Config, database: Database): Buffer[] {
  if (commandKeyFile !== undefined) return readCommandKeys(commandKeyFile);
  if (database.kind === 'sqlite') return keepCommandKeys(`${database.file}.command-key`);
  throw new Error('PostgreSQL takes a COMMAND_KEY_FILE.');
}

/** Whether the configuration names it as an account where a role of ours works. */
const isWorkedIn = ({ assumeRole, allowedAccounts, estate }: Config, account: string): boolean =>
  assumeRole !== undefined &&
  [allowedAccounts, estate.accounts].some((accounts) => typeof accounts === 'object' && accounts.includes(account));

/**
 * What the use cases need from outside, each with what stands behind it.
 * @throws Error when the database, the guardrails or the key file can't be used
 */
export async function openAdapters(
  config: Config,
  log: Log,
  { channels, metrics }: Pick<Telemetry, 'channels' | 'metrics'>,
  { aws, clock: own = () => new Date(), timing }: ServiceOverrides,
) {
  const database = await openDatabase(config, {
    onConnectionLost: (err) => log.warn({ err }, 'a connection to the database was lost'),
    onCheckpointFailed: (err) => log.warn({ err }, 'the database’s own log can’t be made shorter yet'),
  });
  const { clock, close: stopClock } = await openClock(database, own);
  const home = createHome(database, clock);
  const { restored, ended } = await home.settleIn();
  if (restored)
    log.warn({ ended }, 'the database was restored: what it had still to do is ended, and has to be asked for again');
  const lock = createSecretLock(database, { channels, ...timing });
  const checkpoints = openCheckpoints(config.audit, database, clock, log);
  const journal = createJournal({
    database,
    clock,
    channels,
    onEvent: (event) => {
      const { requestId, traceId, changeId } = event;
      log.info({ requestId, ...(traceId !== null && { traceId }), changeId, audit: event }, 'audit');
      metrics.onEvent(event);
      checkpoints?.onEvent(event);
      home.note(event);
      keys.note(event);
    },
    ...(checkpoints && { trust: checkpoints.trust }),
  });
  const foreground = createForeground();
  const clients = createAwsClients({
    region: config.region,
    ...(config.assumeRole && { assumeRole: config.assumeRole }),
    callTimeoutMs: 5_000,
    deadlineMs: 15_000,
    maxClients: 100,
    requestsPerSecond: config.awsRequestsPerSecond,
    channels,
    foreground,
    clock: own,
    ...aws,
  });
  const keys = rememberKeys({ ...createKeys(clients), ...createSecretVersions(clients) }, own);
  const authenticator = await createAuthenticator(config.auth, { clock: own, log });
  const authorizer = createAuthorizer({
    log,
    ...(config.policiesDir !== undefined && { directory: config.policiesDir }),
  });
  const seal = createCommandSeal(commandKeys(config, database));
  const idempotency = createIdempotencyStore({
    database,
    clock,
    seal,
    onUnauthentic: (id) => {
      log.error({ id }, 'an idempotency key in the database is not as this service stored it');
      metrics.onUnauthentic({ kind: 'idempotencyKey' });
    },
    onRenewalFailure: (err) => log.warn({ err }, 'the leases of idempotency keys can’t be renewed'),
  });

  const { eventsQueueUrl } = config.estate;
  const changeEvents =
    eventsQueueUrl === undefined
      ? undefined
      : (await import('../aws/change-event-queue.ts')).createChangeEventQueue({
          ...{ url: eventsQueueUrl, region: config.region, credentials: clients.ownCredentials },
          ...{ endpoint: aws?.endpoint, clock: own },
        });

  const { accounts: estateAccounts, organizationRole } = config.estate;
  const organization =
    estateAccounts !== 'organization' && organizationRole === undefined
      ? undefined
      : (await import('../aws/organization/index.ts')).openOrganization({
          ...{ clients, region: config.region, role: organizationRole, endpoint: aws?.endpoint, clock: own },
        });

  const ownPolicies =
    config.reader === undefined
      ? undefined
      : (await import('../aws/iam/own-policies.ts')).createOwnPolicies({
          ...{ clients, region: config.region, ...config.reader, clock: own, endpoint: aws?.endpoint },
          held: async (account) => isWorkedIn(config, account) || (await clients.ownAccount()) === account,
        });

  const enabledRegions =
    config.estate.regions !== 'enabled'
      ? undefined
      : (await import('../aws/enabled-regions.ts')).createEnabledRegions({
          ...{ clients, region: config.region, endpoint: aws?.endpoint },
        });

  const approvals = createApprovalStore({ database, clock });
  const estatePlaces = createEstatePlaces(database, clock);

  return {
    database,
    checkpoints,
    journal,
    clock,
    timing: { ...TIMING, ...timing },
    foreground,
    lock,
    followUps: createFollowUps(database),
    grantsDue: createGrantsDue(database),
    approvals,
    idempotency,
    seal,
    operations: createOperationStore(database, clock),
    incidents: createIncidentStore(database),
    operationQueue: createOperationQueue(database, clock),
    statistics: createStatistics(database, clock),
    purgeFinishedWork: createFinishedWorkPurger(database, clock, metrics.onPurged),
    estate: {
      places: estatePlaces,
      index: createEstateIndex(database, clock),
      search: createEstateSearch(database),
      seenKeys: createEstateKeys(database),
      acknowledgements: createAcknowledgements(database),
      policies: createSecretPolicies(clients, 'survey'),
      callerIn: clients.callerIn,
      enabledRegions,
    },
    policies: createSecretPolicies(clients),
    policiesOf: {
      incident: createSecretPolicies(clients, 'incident', 'incident'),
      urgent: createSecretPolicies(clients, 'urgent', 'urgent'),
      waited: createSecretPolicies(clients, 'write', 'write'),
      background: createSecretPolicies(clients, 'bulkRead', 'bulk'),
    },
    changeEvents,
    organizationAccounts: estateAccounts === 'organization' ? organization?.accounts : undefined,
    controlPolicies: organizationRole === undefined ? undefined : organization?.controls,
    ownPolicies,
    directory: createSecretDirectory(clients),
    keys,
    ownAccount: clients.ownAccount,
    awsReachability: clients.reachability,
    authenticator,
    authorizer,
    async close() {
      await checkpoints?.take().catch((err) => log.error({ err }, 'the last checkpoint could not be taken'));
      const leaving = [idempotency.close().then(idempotency.leave), approvals.leave(), estatePlaces.leave()];
      const left = await Promise.allSettled(leaving);
      for (const { reason: err } of left.filter((release) => release.status === 'rejected'))
        log.warn({ err }, 'leases could not be given back: they run out by themselves');
      stopClock();
      await lock.close();
      authorizer.close();
      authenticator.close();
      clients.close();
      changeEvents?.close();
      organization?.close();
      ownPolicies?.close();
      home.close();
      await database.close();
    },
  };
}

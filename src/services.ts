import { setTimeout as sleep } from 'node:timers/promises';
import { createApprovalDecider } from './access/approvals/decide-approval.ts';
import { createApprovalFinisher } from './access/approvals/finish-approval.ts';
import { createAnswerResumer, createChanger } from './access/approvals/request-change.ts';
import { createApprovalViewer } from './access/approvals/view-approvals.ts';
import { createBulkOperations } from './access/bulk/bulk-operations.ts';
import { createBulkWorker } from './access/bulk/bulk-worker.ts';
import { createCommandBuilder } from './access/commands/command-registry.ts';
import { createSweeper } from './access/commands/expire-entries.ts';
import { createKeyGranter } from './access/commands/grant-key.ts';
import { createChangeHistory } from './access/commands/history.ts';
import { createOrphanPruner } from './access/commands/prune-orphans.ts';
import { createAuthorizationChecker } from './access/guard/check-authorization.ts';
import { createAccessChecker } from './access/judge/check-access.ts';
import { createLegExaminer } from './access/judge/legs.ts';
import { createReaderLister } from './access/judge/list-readers.ts';
import { createSecretInspector } from './access/looks/inspect-secret.ts';
import { rememberKeys } from './access/looks/remember-keys.ts';
import { rememberSecrets } from './access/looks/remember-secrets.ts';
import { shareLooks } from './access/looks/share-looks.ts';
import { createPolicyViewer } from './access/looks/view-policy.ts';
import { createReconciler } from './access/recover/reconcile.ts';
import { createChangeResumer } from './access/recover/resume-change.ts';
import { createIntentSettler } from './access/recover/settle-intents.ts';
import { createPolicyChanger } from './access/write/change-policy.ts';
import { createAuthenticator } from './authentication/index.ts';
import { createAuthorizer } from './authorization/authorizer.ts';
import { type AwsClientOptions, createAwsClients } from './aws/clients.ts';
import { createKeys } from './aws/keys.ts';
import { createSecretDirectory } from './aws/secret-directory.ts';
import { createSecretPolicies } from './aws/secret-policies.ts';
import type { Clock } from './clock.ts';
import type { Config } from './config.ts';
import { createApprovalStore } from './database/approvals.ts';
import { connect } from './database/connect.ts';
import { createFollowUps } from './database/follow-ups.ts';
import { createIdempotencyStore } from './database/idempotency.ts';
import { createJournal } from './database/journal/journal.ts';
import { openCheckpoints } from './database/journal/open-checkpoints.ts';
import { createSecretLock } from './database/lock/index.ts';
import { createOperationQueue } from './database/operations/queue.ts';
import { createOperationStore } from './database/operations/store.ts';
import { createStatistics } from './database/statistics.ts';
import { startHousekeeping } from './housekeeping.ts';
import { createMetricsPage } from './telemetry/gauges.ts';
import type { Telemetry } from './telemetry/index.ts';
import type { Log } from './telemetry/log.ts';
import { uuidV7 } from './uuid.ts';

/** What a test, or local mode, gives in the place of the surroundings. */
export type ServiceOverrides = {
  aws?: Partial<
    Pick<AwsClientOptions, 'endpoint' | 'credentials' | 'callTimeoutMs' | 'deadlineMs' | 'requestsPerSecond'>
  >;
  clock?: Clock;
};

export type Services = Awaited<ReturnType<typeof createServices>>;

/** The adapters joined to the use cases. */
export async function createServices(
  config: Config,
  log: Log,
  { channels, metrics, traces }: Telemetry,
  { aws = {}, clock = () => new Date() }: ServiceOverrides,
) {
  const database = await connect(config.databaseUrl, {
    onConnectionLost: (err) => log.warn({ err }, 'a connection to the database was lost'),
  });
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
    },
    ...(checkpoints && { trust: checkpoints.trust }),
  });
  const lock = createSecretLock(database, { channels });
  const clients = createAwsClients({
    region: config.region,
    ...(config.assumeRole && { assumeRole: config.assumeRole }),
    callTimeoutMs: 5_000,
    deadlineMs: 15_000,
    maxClients: 100,
    requestsPerSecond: config.awsRequestsPerSecond,
    channels,
    clock,
    ...aws,
  });
  const policies = createSecretPolicies(clients);
  const directory = createSecretDirectory(clients);
  const keys = rememberKeys(createKeys(clients), clock);
  const authenticator = await createAuthenticator(config.auth, { clock, log });
  const authorizer = createAuthorizer({
    log,
    ...(config.policiesDir !== undefined && { directory: config.policiesDir }),
  });
  const newChangeId = () => uuidV7(clock());
  const followUps = createFollowUps(database);
  const settleIntents = createIntentSettler({ journal, policies, clock, sleep: (ms) => sleep(ms) });
  const policyChanger = createPolicyChanger({
    policies,
    journal,
    lock,
    followUps,
    authorizer,
    clock,
    newChangeId,
    sleep: (ms) => sleep(ms),
    settleIntents,
    channels,
  });
  const approvals = createApprovalStore({ database, clock });
  const granter = createKeyGranter({ keys, policies, journal, clock });
  const sweeper = createSweeper({ policyChanger, granter, followUps, lock, clock, newChangeId });
  /** For looks only: they share calls, and what a secret is may be some seconds old. */
  const policiesForLooks = shareLooks(rememberSecrets(policies, clock));
  const viewer = createPolicyViewer({ policies: policiesForLooks, authorizer, journal, followUps, clock });

  const reconciler = createReconciler({
    journal,
    events: journal,
    lock,
    settleIntents,
    keys,
    clock,
    onFailure: (secret, err) => log.warn({ err, secret }, 'open intents can’t be settled yet'),
  });
  const resumeChange = createChangeResumer({ events: journal, reconciler });
  const legs = createLegExaminer(keys, clock);
  const history = createChangeHistory({ eventsOfChange: journal.eventsOfChange, policies });
  const pruner = createOrphanPruner({ viewer, followUps, clock });
  const approvalDeps = { approvals, journal, policies, authorizer, clock };
  const build = createCommandBuilder({ legs, granter, history, pruner, clock });
  const finisher = createApprovalFinisher({
    ...approvalDeps,
    events: journal,
    policyChanger,
    build,
    resume: resumeChange,
    onFailure: (approval, err) => log.warn({ err, approval }, 'an approved change can’t be applied'),
  });
  const changer = createChanger({ policyChanger, approvals, journal, clock });
  const idempotency = createIdempotencyStore({
    database,
    clock,
    onRenewalFailure: (err) => log.warn({ err }, 'the leases of idempotency keys can’t be renewed'),
  });
  const resume = createAnswerResumer(resumeChange, approvals);

  const worker = createBulkWorker({
    queue: createOperationQueue(database, clock),
    changer,
    build,
    resume,
    newChangeId,
    sleep: (ms) => sleep(ms),
  });
  const housekeeping = startHousekeeping(log, [
    { name: 'bulk operations', everyMs: 1_000, run: () => worker.run() },
    ...(checkpoints ? [{ name: 'checkpoint', everyMs: 3_600_000, run: () => checkpoints.take() }] : []),
    { name: 'reconcile', everyMs: 10_000, run: () => reconciler.run() },
    { name: 'finish approvals', everyMs: 10_000, run: () => finisher.run() },
    { name: 'remove expired entries', everyMs: 30_000, run: () => sweeper.run() },
    { name: 'forget old idempotency keys', everyMs: 600_000, run: () => idempotency.purge() },
  ]);

  const judgeDeps = { policies: policiesForLooks, authorizer, legs, clock };

  return {
    changer,
    policyChanger,
    bulk: createBulkOperations({ store: createOperationStore(database, clock), authorizer, sleep: (ms) => sleep(ms) }),
    approvalViewer: createApprovalViewer({ approvals, finisher, authorizer }),
    approvalFinisher: finisher,
    approvalDecider: createApprovalDecider({ ...approvalDeps, finisher }),
    idempotency,
    resume,
    viewer,
    granter,
    sweeper,
    pruner,
    inspector: createSecretInspector({ policies, directory, authorizer }),
    history,
    checker: createAccessChecker(judgeDeps),
    authorizationChecker: createAuthorizationChecker(judgeDeps),
    readers: createReaderLister(judgeDeps),
    legs,
    journal,
    authenticator,
    authorizer,
    newChangeId,
    clock,
    metricsPage: createMetricsPage(metrics.registry, {
      queueDepth: () => policyChanger.depth,
      statistics: createStatistics(database, clock),
    }),
    health: { pingDatabase: database.ping, awsReachability: clients.reachability },
    async close() {
      worker.stop();
      await housekeeping.stop();
      await checkpoints?.take().catch((err) => log.error({ err }, 'the last checkpoint could not be taken'));
      idempotency.close();
      authorizer.close();
      authenticator.close();
      clients.close();
      await database.close();
      await traces.close();
    },
  };
}

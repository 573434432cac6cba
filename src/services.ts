import { setTimeout as sleep } from 'node:timers/promises';
import { createApprovalDecider } from './access/approvals/decide-approval.ts';
import { createApprovalFinisher } from './access/approvals/finish-approval.ts';
import { createApprovalPreviewer } from './access/approvals/preview-approval.ts';
import { createApprovalRehearsal } from './access/approvals/rehearse-approval.ts';
import { createAccessRequester } from './access/approvals/request-access.ts';
import { createAnswerResumer, createChanger } from './access/approvals/request-change.ts';
import { trustSealedApprovals } from './access/approvals/sealed-approvals.ts';
import { createApprovalViewer } from './access/approvals/view-approvals.ts';
import { createInboxWatch } from './access/approvals/watch-inbox.ts';
import { createBulkOperations } from './access/bulk/bulk-operations.ts';
import { createBulkWorker } from './access/bulk/bulk-worker.ts';
import { trustSealed } from './access/bulk/sealed-operations.ts';
import { createCommandBuilder } from './access/commands/command-registry.ts';
import { createSweeper } from './access/commands/expire-entries.ts';
import { createKeyGranter } from './access/commands/grant-key.ts';
import { createChangeHistory } from './access/commands/history.ts';
import { createOrphanPruner } from './access/commands/prune-orphans.ts';
import { createAskAgain } from './access/guard/ask-again.ts';
import { createAuthorizationChecker } from './access/guard/check-authorization.ts';
import { createVisibleSecrets } from './access/guard/visible-secrets.ts';
import { createIncidentHistory } from './access/incidents/changes/incident-history.ts';
import { joinIncidents } from './access/incidents/index.ts';
import { createIncidentSight } from './access/incidents/sight.ts';
import { createAccessChecker } from './access/judge/check-access.ts';
import { createLegExaminer } from './access/judge/legs/legs.ts';
import { createReaderLister } from './access/judge/list-readers.ts';
import { createEntryOrigins } from './access/looks/entry-origins.ts';
import { createSecretInspector } from './access/looks/inspect-secret.ts';
import { createNearSecrets } from './access/looks/near-secrets.ts';
import { createRecordedChanges } from './access/looks/recorded-changes.ts';
import { rememberSecrets } from './access/looks/remember-secrets.ts';
import { shareLooks } from './access/looks/share-looks.ts';
import { createPolicyViewer } from './access/looks/view-policy.ts';
import { createVisibleEvents } from './access/looks/visible-events.ts';
import { createManifestExporter } from './access/manifests/export-manifest.ts';
import { createManifestPlanner } from './access/manifests/plan-manifest.ts';
import { createReconciler } from './access/recover/reconcile.ts';
import { createChangeResumer } from './access/recover/resume-change.ts';
import { createIntentSettler } from './access/recover/settle-intents.ts';
import { createChangeEnds } from './access/stored/change-ends.ts';
import { createStoredRefuser } from './access/stored/refuse-stored.ts';
import { createPolicyChanger } from './access/write/change-policy.ts';
import { openAdapters, type ServiceOverrides } from './adapters.ts';
import type { Config } from './config.ts';
import type { ChangeEventQueue } from './estate/events/change-event-queue.ts';
import { type ChangeEventConsumer, createChangeEventConsumer } from './estate/events/consume-events.ts';
import { createEstate } from './estate/index.ts';
import { startHousekeeping } from './housekeeping.ts';
import { createMetricsPage } from './telemetry/gauges.ts';
import type { Telemetry } from './telemetry/index.ts';
import type { Log } from './telemetry/log.ts';
import { uuidV7 } from './uuid.ts';

/** Surveys that are due, and whether some are: a start is not slowed by them. */
const SURVEYS = { name: 'survey the estate', everyMs: 10_000, afterMs: 5_000 };

export type Services = Awaited<ReturnType<typeof createServices>>;

/** The adapters joined to the use cases. */
export async function createServices(
  config: Config,
  log: Log,
  { channels, metrics, traces }: Telemetry,
  overrides: ServiceOverrides,
) {
  const adapters = await openAdapters(config, log, { channels, metrics }, overrides);
  const { journal, lock, followUps, idempotency, seal, policies, authenticator, authorizer } = adapters;
  const { checkpoints, clock, timing } = adapters;
  const { remembered: keys, anew: keysAnew } = adapters.keys;
  const newChangeId = () => uuidV7(clock());
  const refused = createStoredRefuser({ journal, newChangeId, onRefused: metrics.onUnauthentic });
  const approvals = trustSealedApprovals(adapters.approvals, { seal, refused });
  const ended = createChangeEnds(journal);
  const settleIntents = createIntentSettler({ journal, policies, clock, sleep: (ms) => sleep(ms), timing });
  const { surveyor, ownChanges, ...estate } = createEstate({
    config: config.estate,
    region: config.region,
    ownAccount: adapters.ownAccount,
    ofOrganization: adapters.organization?.list,
    callerIn: adapters.callerIn,
    places: adapters.estatePlaces,
    index: adapters.estateIndex,
    search: adapters.estateSearch,
    seenKeys: adapters.estateKeys,
    keys: keysAnew,
    directory: adapters.directory,
    policies: adapters.policiesForSurveys,
    acknowledgements: adapters.acknowledgements,
    journal,
    newChangeId,
    clock,
    sleep: (ms, signal) => sleep(ms, undefined, { signal }),
    onFailure: (secret, err) => log.warn({ err, secret }, 'the index of the estate does not show a change yet'),
  });
  /** For looks only: they share calls, and what a secret is may be some seconds old. */
  const policiesForLooks = shareLooks(rememberSecrets(policies, clock));
  const visible = createVisibleSecrets({
    ...{ policies: policiesForLooks, authorizer, allowed: config.allowedAccounts, ownAccount: adapters.ownAccount },
  });
  const sight = createIncidentSight({ estate: estate.seen, policies: policiesForLooks, visible });
  const bulk = createBulkOperations({
    ...{ store: adapters.operations, sight, authorizer, visible, journal, seal, clock, newChangeId },
    sleep: (ms) => sleep(ms, undefined, { ref: false }),
  });
  const { incidents, hidden, standing, findBegun } = joinIncidents({
    ...{ region: config.region, operations: adapters.operations, store: adapters.incidents },
    ...{ journal, ended, seal, refused },
    ...{ lock, policies, policiesForLooks, estate: estate.seen, visible, authorizer, sight, bulk, clock },
    sleep: (ms) => sleep(ms),
  });
  const policyChanger = createPolicyChanger({
    standing,
    policies,
    policiesOf: adapters.policiesOf,
    journal,
    lock,
    followUps,
    authorizer,
    clock,
    newChangeId,
    sleep: (ms) => sleep(ms),
    timing,
    settleIntents,
    channels,
    noteSeen: ownChanges.note,
  });
  const granter = createKeyGranter({
    ...{ keys: keysAnew, policies, journal, clock },
    noteGrants: ownChanges.noteGrants,
  });
  const sweeper = createSweeper({
    ...{ policyChanger, granter, followUps, lock, clock, newChangeId, isWorkedFor: visible.isWorkedFor },
    onFailure: (secret, err) => log.warn({ err, secret }, 'expired entries can’t be taken out yet'),
  });
  const origins = createEntryOrigins(journal, authorizer);
  const viewer = createPolicyViewer({ policies: policiesForLooks, authorizer, journal, followUps, origins, clock });

  const reconciler = createReconciler({
    journal,
    events: journal,
    lock,
    settleIntents,
    keys,
    clock,
    noteSettled: ownChanges.noteSettled,
    onFailure: (secret, err) => log.warn({ err, secret }, 'open intents can’t be settled yet'),
  });
  const resumeChange = createChangeResumer({ events: journal, reconciler });
  const legs = createLegExaminer(keys, clock);
  const history = createChangeHistory({ eventsOfChange: journal.eventsOfChange, policies });
  const pruner = createOrphanPruner({ viewer, followUps, clock });
  const approvalDeps = { approvals, journal, events: journal, policies, authorizer, visible, clock };
  const build = createCommandBuilder({
    ...{ legs, granter, history, pruner, clock },
    incidents: createIncidentHistory(journal),
  });
  const preview = createApprovalPreviewer({ policies: policiesForLooks, journal, standing, build, clock });
  const finisher = createApprovalFinisher({
    ...approvalDeps,
    ended,
    policyChanger,
    build,
    resume: resumeChange,
    onFailure: (approval, err) => log.warn({ err, approval }, 'an approved change can’t be applied'),
  });
  const approvalViewer = createApprovalViewer({
    ...{ approvals, finisher, authorizer, visible, preview, policies: policiesForLooks },
  });
  const inboxWatch = createInboxWatch({
    approvals: { statuses: adapters.approvals.statuses, find: approvals.find },
    ...{ sees: approvalViewer.sees, clock, sleep: (ms) => sleep(ms, undefined, { ref: false }) },
  });
  const rehearse = createApprovalRehearsal({ policies, journal, standing, build, authorizer, clock });
  const changer = createChanger({ policyChanger, approvals, journal, visible, clock });
  const requestAccess = createAccessRequester({
    ...{ policies, authorizer, visible, approvals, journal, lock, legs, granter, clock },
  });
  const resume = createAnswerResumer(resumeChange, approvals);

  const worker = createBulkWorker({
    queue: trustSealed(adapters.operationQueue, { seal, refused, events: journal, store: adapters.operations }),
    changer,
    build,
    resume,
    ended,
    visible,
    survey: surveyor.carryOut,
    clock,
    sleep: (ms, signal) => sleep(ms, undefined, { signal }),
    onFailure: (operation, err) => log.warn({ err, operation }, 'a bulk operation can’t go on yet'),
  });
  const housekeeping = startHousekeeping(log, [
    { name: 'bulk operations', everyMs: 1_000, run: () => worker.run() },
    ...(checkpoints ? [{ name: 'checkpoint', everyMs: 3_600_000, run: () => checkpoints.take() }] : []),
    { name: 'find hidden evictions', everyMs: 300_000, afterMs: 0, run: () => hidden.look() },
    { name: 'reconcile', everyMs: 10_000, run: () => reconciler.run() },
    { name: 'finish approvals', everyMs: 10_000, run: () => finisher.run() },
    { name: 'remove expired entries', everyMs: 30_000, run: () => sweeper.run() },
    { name: 'forget old idempotency keys', everyMs: 600_000, run: () => idempotency.purge() },
    { name: 'forget finished work', everyMs: 600_000, afterMs: 60_000, run: () => adapters.purgeFinishedWork() },
    ...(config.estate.surveyEveryMs === undefined ? [] : [{ ...SURVEYS, run: () => surveyor.run() }]),
  ]);

  const changeEvents = adapters.changeEvents && startChangeEvents(adapters.changeEvents);

  /** Reads again what events of CloudTrail name, as long as the process runs. */
  function startChangeEvents(queue: ChangeEventQueue): ChangeEventConsumer {
    const counted = metrics.changeEvents;
    const consumer = createChangeEventConsumer({
      queue,
      follow: estate.follower(policyChanger.noteDrift),
      clock,
      sleep: (ms, signal) => sleep(ms, undefined, { signal }),
      on: {
        received: counted.onReceived,
        coalesced: counted.onCoalesced,
        useless(reason, { sentAt }) {
          counted.onUseless(reason);
          log.debug({ reason, sentAt }, 'a change event leads to no look');
        },
        failed({ id, event }, err) {
          counted.onFailed();
          log.warn({ err, id, event }, 'what a change event names can’t be looked at yet');
        },
        unreachable: (err) =>
          err === null
            ? log.info('change events are received again')
            : log.warn({ err }, 'the queue of change events does not answer'),
      },
    });
    void consumer.run();
    return consumer;
  }

  const events = createVisibleEvents({ trail: journal, policies: policiesForLooks, authorizer });
  const judgeDeps = { policies: policiesForLooks, authorizer, legs, clock };

  const planner = createManifestPlanner({ changer, bulk, visible, legs, granter, clock, newChangeId });

  return {
    incidents,
    findBegun,
    manifests: { planner, exporter: createManifestExporter({ viewer, visible }) },
    changer,
    requestAccess,
    policyChanger,
    bulk,
    estate: {
      viewer: estate.viewer(authorizer, () => changeEvents?.state() ?? null),
      survey: estate.starter(bulk, authorizer),
      listers: estate.listers(authorizer),
      acknowledge: estate.acknowledge(authorizer),
      again: estate.again,
    },
    approvalViewer,
    inboxWatch,
    approvalFinisher: finisher,
    approvalDecider: createApprovalDecider({ ...approvalDeps, finisher, viewer: approvalViewer, rehearse }),
    idempotency,
    resume,
    viewer,
    granter,
    sweeper,
    pruner,
    inspector: createSecretInspector({ policies, directory: adapters.directory, authorizer }),
    history,
    checker: createAccessChecker(judgeDeps),
    authorizationChecker: createAuthorizationChecker({ ...judgeDeps, visible }),
    visible,
    near: createNearSecrets({
      ...{ directory: adapters.directory, authorizer, clock },
      place: async () => ({ account: await adapters.ownAccount(), region: config.region }),
    }),
    events,
    recordedChanges: createRecordedChanges({ trail: journal, events }),
    askAgain: createAskAgain({ policies: policiesForLooks, authorizer }),
    readers: createReaderLister({ ...judgeDeps, origins }),
    legs,
    journal,
    authenticator,
    authorizer,
    newChangeId,
    clock,
    metricsPage: createMetricsPage(metrics.registry, {
      queueDepth: () => policyChanger.depth,
      statistics: adapters.statistics,
      receiving: changeEvents?.state,
    }),
    health: { pingDatabase: adapters.database.ping, awsReachability: adapters.awsReachability },
    /** What was accepted finishes, for so many milliseconds; what takes longer, and what was not begun, is left to others. */
    async finish(withinMs: number) {
      const deadline = performance.now() + withinMs;
      const atMost = (work: Promise<unknown>, ms: number) => Promise.race([work, sleep(ms, undefined, { ref: false })]);
      surveyor.stop();
      // They ask for changes as well.
      await atMost(Promise.all([worker.stop(), housekeeping.stop(), changeEvents?.stop()]), withinMs / 2);
      await atMost(policyChanger.close().then(ownChanges.settle), Math.max(0, deadline - performance.now()));
    },
    async close() {
      await adapters.close();
      await traces.close();
    },
  };
}

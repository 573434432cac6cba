import { setTimeout as sleep } from 'node:timers/promises';
import { joinApprovals } from '../access/approvals/index.ts';
import { createBulkOperations } from '../access/bulk/bulk-operations.ts';
import { createBulkWorker } from '../access/bulk/bulk-worker.ts';
import { trustSealed } from '../access/bulk/sealed-operations.ts';
import { joinCommands } from '../access/commands/index.ts';
import { createSweeper } from '../access/commands/later/expire-entries.ts';
import { createKeyGranter } from '../access/grants/key-granter.ts';
import { createAskAgain } from '../access/guard/ask-again.ts';
import { createAuthorizationChecker } from '../access/guard/check-authorization.ts';
import { createVisibleSecrets } from '../access/guard/visible-secrets.ts';
import { joinIncidents } from '../access/incidents/index.ts';
import { createIncidentSight } from '../access/incidents/sight.ts';
import { createInstructor } from '../access/instructions/index.ts';
import { createAccessChecker } from '../access/judge/check-access.ts';
import { guardOwnSide } from '../access/judge/identity/guard-own-side.ts';
import { createOwnSideViewer } from '../access/judge/identity/view-own-side.ts';
import { createReaderLister } from '../access/judge/list-readers.ts';
import { createControlsViewer } from '../access/judge/organization/view-controls.ts';
import { joinLooks } from '../access/looks/index.ts';
import { createManifestExporter } from '../access/manifests/export-manifest.ts';
import { createManifestPlanner } from '../access/manifests/plan-manifest.ts';
import { createGrantFinisher } from '../access/recover/finish-grants.ts';
import { createReconciler } from '../access/recover/reconcile.ts';
import { createChangeResumer } from '../access/recover/resume-change.ts';
import { createIntentSettler } from '../access/recover/settle-intents.ts';
import { createChangeEnds } from '../access/stored/change-ends.ts';
import { createStoredRefuser } from '../access/stored/refuse-stored.ts';
import { createPolicyChanger } from '../access/write/change-policy.ts';
import type { Config } from '../config/index.ts';
import { createEstate } from '../estate/index.ts';
import { createMetricsPage } from '../telemetry/gauges.ts';
import type { Telemetry } from '../telemetry/index.ts';
import type { Log } from '../telemetry/log.ts';
import { uuidV7 } from '../uuid.ts';
import { openAdapters, type ServiceOverrides } from './adapters.ts';
import { startChangeEvents } from './change-events.ts';
import { startHousekeeping } from './housekeeping.ts';

/** Surveys that are due, and whether some are: a start is not slowed by them. */
/** At once where it is begun in this process; each second for what others leave. */
const BULK = 'bulk operations';
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
  const { journal, lock, followUps, grantsDue, idempotency, seal, policies, directory, authenticator, authorizer } =
    adapters;
  const { ownAccount, clock, timing, foreground } = adapters;
  const { remembered: keys, anew: keysAnew } = adapters.keys;
  const { region } = config;
  const pause = (ms: number) => sleep(ms);
  /** Keeps no process alive. */
  const idlePause = (ms: number) => sleep(ms, undefined, { ref: false });
  const pauseUntil = (ms: number, signal: AbortSignal) => sleep(ms, undefined, { signal });
  const newChangeId = () => uuidV7(clock());
  const refused = createStoredRefuser({ journal, newChangeId, onRefused: metrics.onUnauthentic });
  const ended = createChangeEnds(journal);
  const common = { policies, journal, lock, followUps, seal, refused, ended, authorizer, clock, newChangeId };

  const { surveyor, ownChanges, ...estate } = createEstate({
    ...{ ...common, ...adapters.estate, region, directory, ownAccount, foreground, keys: keysAnew, sleep: pauseUntil },
    config: config.estate,
    ofOrganization: adapters.organizationAccounts,
    onFailure: (secret, err) => log.warn({ err, secret }, 'the index of the estate does not show a change yet'),
  });

  const place = async () => ({ account: await ownAccount(), region });
  const looks = joinLooks({ ...common, directory, place });
  const { policies: policiesForLooks, viewer, origins, events } = looks;
  const visible = createVisibleSecrets({
    ...{ policies: policiesForLooks, authorizer, allowed: config.allowedAccounts, ownAccount },
  });

  const sight = createIncidentSight({ estate: estate.seen, policies: policiesForLooks, visible });
  const bulk = createBulkOperations({
    ...{ ...common, store: adapters.operations, sight, visible, sleep: idlePause },
    onBegun: () => housekeeping.hurry(BULK),
  });
  const { incidents, hidden, standing, findBegun } = joinIncidents({
    ...{ ...common, policiesForLooks, region, visible, sight, bulk, estate: estate.seen, sleep: pause },
    ...{ operations: adapters.operations, store: adapters.incidents },
  });

  const settleIntents = createIntentSettler({ ...common, sleep: pause, timing });
  const policyChanger = createPolicyChanger({
    ...{ ...common, grantsDue, standing, settleIntents, timing, channels, foreground, sleep: pause },
    policiesOf: adapters.policiesOf,
    noteSeen: ownChanges.note,
  });
  const reconciler = createReconciler({
    ...{ ...common, events: journal, settleIntents, keys, noteSettled: ownChanges.noteSettled },
    onFailure: (secret, err) => log.warn({ err, secret }, 'open intents can’t be settled yet'),
  });
  const resumeChange = createChangeResumer({ events: journal, reconciler });

  const granter = createKeyGranter({ ...common, keys: keysAnew, noteGrants: ownChanges.noteGrants });
  const { ownPolicies, controlPolicies } = adapters;
  const readers = {
    ownSideOf: ownPolicies && guardOwnSide(authorizer, createOwnSideViewer(ownPolicies, clock, timing.ownSideMs)),
    controlsOf: controlPolicies && createControlsViewer(controlPolicies, clock, timing.ownSideMs),
  };
  const { legs, history, pruner, build } = joinCommands({ ...common, keys, readers, granter, viewer });
  const sweeper = createSweeper({
    ...{ ...common, policyChanger, granter, isWorkedFor: visible.isWorkedFor },
    onFailure: (secret, err) => log.warn({ err, secret }, 'expired entries can’t be taken out yet'),
  });
  const finishGrants = createGrantFinisher({
    ...{
      ...common,
      due: grantsDue,
      resumeChange,
      events: journal,
      granter,
      keys: keysAnew,
      isWorkedFor: visible.isWorkedFor,
    },
    onFailure: (secret, err) => log.warn({ err, secret }, 'key grants can’t be finished yet'),
  });
  const { changer, resume, ...approvals } = joinApprovals({
    ...{ ...common, policiesForLooks, standing, visible, legs, granter, build, policyChanger, resumeChange },
    ...{ store: adapters.approvals, sleep: idlePause },
    onFailure: (approval, err) => log.warn({ err, approval }, 'an approved change can’t be applied'),
  });

  const worker = createBulkWorker({
    ...{ ...common, changer, build, resume, visible, foreground, survey: surveyor.carryOut, sleep: pauseUntil },
    queue: trustSealed(adapters.operationQueue, { seal, refused, events: journal, store: adapters.operations }),
    onFailure: (operation, err) => log.warn({ err, operation }, 'a bulk operation can’t go on yet'),
  });
  const { checkpoints } = adapters;
  const housekeeping = startHousekeeping(log, [
    { name: BULK, everyMs: 1_000, run: () => worker.run() },
    ...(checkpoints ? [{ name: 'checkpoint', everyMs: 3_600_000, run: () => checkpoints.take() }] : []),
    { name: 'find hidden evictions', everyMs: 300_000, afterMs: 0, run: () => hidden.look() },
    { name: 'reconcile', everyMs: 10_000, run: () => reconciler.run() },
    { name: 'finish key grants', everyMs: 10_000, run: () => finishGrants.run() },
    { name: 'finish approvals', everyMs: 10_000, run: () => approvals.finisher.run() },
    { name: 'remove expired entries', everyMs: 30_000, run: () => sweeper.run() },
    { name: 'forget old idempotency keys', everyMs: 600_000, run: () => idempotency.purge() },
    { name: 'forget finished work', everyMs: 600_000, afterMs: 60_000, run: () => adapters.purgeFinishedWork() },
    ...(config.estate.surveyEveryMs === undefined ? [] : [{ ...SURVEYS, run: () => surveyor.run() }]),
  ]);
  const changeEvents =
    adapters.changeEvents &&
    startChangeEvents(log, metrics.changeEvents, {
      ...{ queue: adapters.changeEvents, follow: estate.follower(policyChanger.noteDrift), clock },
    });

  const judging = { policies: policiesForLooks, authorizer, legs, clock };
  return {
    incidents,
    findBegun,
    manifests: {
      planner: createManifestPlanner({ ...common, changer, bulk, visible, legs, granter }),
      exporter: createManifestExporter({ viewer, visible }),
    },
    changer,
    approvals,
    policyChanger,
    bulk,
    estate: {
      viewer: estate.viewer(authorizer, () => changeEvents?.state() ?? null),
      survey: estate.starter(bulk, authorizer),
      listers: estate.listers(authorizer),
      acknowledge: estate.acknowledge(authorizer),
      again: estate.again,
    },
    idempotency,
    resume,
    viewer,
    granter,
    sweeper,
    pruner,
    instructor: createInstructor({ viewer, legs, clock }),
    inspector: looks.inspector,
    history,
    checker: createAccessChecker(judging),
    authorizationChecker: createAuthorizationChecker({ ...judging, visible }),
    visible,
    near: looks.near,
    events,
    recordedChanges: looks.recordedChanges,
    askAgain: createAskAgain({ policies: policiesForLooks, authorizer }),
    readers: createReaderLister({ ...judging, origins }),
    legs,
    journal,
    authenticator,
    authorizer,
    newChangeId,
    clock,
    metricsPage: createMetricsPage(metrics.registry, {
      queueDepth: () => policyChanger.depth,
      statistics: adapters.statistics,
      onFailure: (err) => log.warn({ err }, 'the figures of the database can’t be had'),
      receiving: changeEvents?.state,
      clock,
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

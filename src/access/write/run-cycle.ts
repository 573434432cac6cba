import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Clock } from '../../clock.ts';
import { policyHash } from '../../policy/canonical.ts';
import type { PolicyDocument } from '../../policy/document.ts';
import { DomainError } from '../../problems/problem.ts';
import type { Timing } from '../../timing.ts';
import type { FollowUps } from '../commands/later/follow-ups.ts';
import type { GrantsDue } from '../grants/grants-due.ts';
import type { Authorizer } from '../guard/authorizer.ts';
import { createChangeGuard } from '../guard/guard-change.ts';
import type { StandingIncidents } from '../incidents/standing/standing-incidents.ts';
import { type IntentSettler, isAboutPolicy } from '../recover/settle-intents.ts';
import type { Secret } from '../secret.ts';
import { type Change, type ChangeCommand, describeChange } from './change.ts';
import { leftBy, reportConflicts, reportUnrecorded, UNSETTLED } from './cycle-results.ts';
import { MOST_PLANS, neverStill, PolicyMovedOn } from './moved-on.ts';
import { type Attached, type Planning, planChange, planChanges } from './plan-changes.ts';
import { assertChangeable } from './preconditions.ts';
import { createPolicyAttacher } from './put/attach-policy.ts';
import { withLockOut } from './put/explain-denial.ts';
import type { AuditJournal } from './record/audit-journal.ts';
import { recordCycle } from './record/change-recorder.ts';
import { driftOf, droppedFrom, hasDrifted, type Reported } from './record/drift.ts';
import { SecretMoved } from './resolve-secret.ts';
import type { HeldLock } from './secret-lock.ts';
import type { SecretPolicies } from './secret-policies.ts';
import { type Cycle, createChangeWriter, lookAlongside } from './write-changes.ts';

export type CyclePorts = {
  policies: SecretPolicies;
  journal: AuditJournal;
  followUps: Pick<FollowUps, 'noteExpiries'>;
  grantsDue: Pick<GrantsDue, 'note' | 'done'>;
  authorizer: Authorizer;
  standing: StandingIncidents;
  clock: Clock;
  settleIntents: IntentSettler;
  newChangeId(): string;
  /** Waits, in milliseconds; for principals that AWS does not know yet. */
  sleep(ms: number): Promise<void>;
  timing: Timing;
  /** Is told what a cycle left attached; of a policy that is not known, undefined. */
  noteSeen(seen: { secret: Secret; policy: PolicyDocument | null | undefined; asOf: Date }): void;
};

type Cycles = {
  /** Does a batch of changes to one secret, whose lock is held. Each gets its own result, in the order of the batch. */
  run(arn: string, commands: readonly ChangeCommand[], held: HeldLock): Promise<PromiseSettledResult<Change>[]>;
  /** Changes nothing: what somebody else did since our last change is put on record. */
  noteDrift(arn: string, reported: Reported, held: HeldLock): Promise<void>;
  /** A dry run reads, plans and asks AWS's own check. It writes nothing, and is not a change in the audit log. */
  rehearse(arn: string, command: ChangeCommand): Promise<Change>;
};

export function createCycles(ports: CyclePorts): Cycles {
  const { policies, journal } = ports;
  const guard = createChangeGuard(ports.authorizer);
  const planning = (): Planning => ({ ask: guard.ask, now: ports.clock() });
  const attacher = createPolicyAttacher(policies, ports.sleep, ports.timing);
  const write = createChangeWriter({ ...ports, attacher, planning });

  async function run(
    arn: string,
    commands: readonly ChangeCommand[],
    held: HeldLock,
    plans = 1,
    reported?: Reported,
  ): Promise<PromiseSettledResult<Change>[]> {
    const again = () => run(arn, commands, held, plans, reported);
    const reading = read(arn);
    // Both of these take this thread: AWS is asked first, and answers meanwhile.
    const meanwhile = nextTurn().then(async () => {
      guard.askAhead(arn, commands);
      const [known, incidents] = await Promise.all([journal.lastPolicy(arn), ports.standing()]);
      // Where nothing open is among what the last policy stands on, nothing is open.
      return { known, incidents, open: known === null || known.open ? await journal.openIntents(arn) : [] };
    });
    const [found, { known, open, incidents }] = await Promise.all([reading, meanwhile]);
    const left = open.filter(isAboutPolicy);
    if (left.length > 0) {
      await ports.settleIntents(arn, left, held);
      return again();
    }
    // It was ended in between, by a replica that had lost the lock: what it meant to attach is not what stood.
    if (known?.open) return again();
    const changeId = ports.newChangeId();
    const dropped = droppedFrom(known, found.secret, found.document, changeId);
    if (hasDrifted(known, found.document)) {
      const hash = policyHash(found.document);
      const landedLate = await journal.unlandedChange(arn, hash);
      await held.confirm();
      const by = reported?.hash === hash ? reported.by : undefined;
      const drift = driftOf(known, found.secret, found.document, dropped, changeId, landedLate, by);
      // Another replica took the lock in between, and has told it, or made a change that this took for one of others.
      if ((await journal.append([drift], known.upTo)).length === 0) {
        if (plans === MOST_PLANS) throw neverStill();
        return run(arn, commands, held, plans + 1, reported);
      }
    }

    const attached: Attached = { ...found, ...dropped, incidents };
    const record = recordCycle(journal, attached.secret);
    const cycle: Cycle = { results: new Map(), record, held, found: found.document, seenAt: found.seenAt };
    const plan = await planChanges(attached, commands, planning());
    const movedOn = await write(cycle, attached, plan).then(() => false, isMovedOn);
    if (movedOn) record.movedOn();
    await cycle.record.flush().then(
      (conflicts) => reportConflicts(cycle.results, conflicts),
      (error) => reportUnrecorded(cycle.results, error),
    );
    // What stands then was seen by the cycle that planned anew.
    if (movedOn) await planAnew(arn, commands, cycle, plans);
    const results = commands.map((command) => cycle.results.get(command) ?? UNSETTLED);
    if (!movedOn)
      ports.noteSeen({ secret: found.secret, policy: leftBy(results, found.document), asOf: ports.clock() });
    return results;
  }

  /** Those that have no result, on what somebody else has attached meanwhile. */
  async function planAnew(
    arn: string,
    commands: readonly ChangeCommand[],
    { results, held }: Cycle,
    plans: number,
  ): Promise<void> {
    const left = commands.filter((command) => !results.has(command));
    const refuseAll = (reason: unknown) => left.map(() => ({ status: 'rejected', reason }) as const);
    // It may have moved on because another replica has the lock by now.
    const anew = () => held.confirm().then(() => run(arn, left, held, plans + 1));
    const again = plans < MOST_PLANS ? await anew().catch(refuseAll) : refuseAll(neverStill());
    for (const [index, command] of left.entries()) results.set(command, again[index] ?? UNSETTLED);
  }

  /** Fails closed: an error while reading is never taken for "no policy". */
  async function read(arn: string): Promise<Pick<Attached, 'secret' | 'document'> & { seenAt: number }> {
    let seenAt = 0;
    const get = policies.get(arn).finally(() => {
      seenAt = performance.now();
    });
    const [secret, document] = await Promise.all([policies.describe(arn), get]);
    if (secret.arn !== arn) throw new SecretMoved(secret.arn);
    assertChangeable(secret);
    return { secret, document, seenAt };
  }

  async function rehearse(arn: string, command: ChangeCommand): Promise<Change> {
    const looks = [read(arn), journal.lastPolicy(arn), ports.standing()] as const;
    const [{ secret, document }, known, incidents] = await Promise.all(looks);
    const attached = { secret, document, incidents, ...droppedFrom(known, secret, document) };
    const step = await planChange(attached, command, planning());
    if (step.changed) {
      await attacher.validate(arn, document, step.after).catch((error) => {
        throw error instanceof DomainError ? withLockOut(error, document, arn) : error;
      });
    }
    return describeChange(command, secret, step, await lookAlongside(step, secret), step.warnings);
  }

  return {
    run,
    rehearse,
    async noteDrift(arn, reported, held) {
      await run(arn, [], held, 1, reported);
    },
  };
}

const isMovedOn = (error: unknown): true => {
  if (error instanceof PolicyMovedOn) return true;
  throw error;
};

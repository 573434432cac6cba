import { setImmediate as nextTurn } from 'node:timers/promises';
import type { AuditOutcome } from '../../audit/event.ts';
import type { Clock } from '../../clock.ts';
import { samePolicy } from '../../policy/canonical.ts';
import type { PolicyDocument } from '../../policy/document.ts';
import { compile, type PolicyView } from '../../policy/entries/compile.ts';
import { entriesOf } from '../../policy/entries/edit.ts';
import type { Entry } from '../../policy/entries/entry.ts';
import { parse } from '../../policy/entries/parse.ts';
import { DomainError } from '../../problems/problem.ts';
import { ApprovalRequired, approvalWarning } from '../approvals/approval.ts';
import type { FollowUps } from '../commands/follow-ups.ts';
import type { Authorizer } from '../guard/authorizer.ts';
import { createChangeGuard } from '../guard/guard-change.ts';
import { createIntentSettler, isAboutPolicy } from '../recover/settle-intents.ts';
import type { Secret } from '../secret.ts';
import { type Attachment, createPolicyAttacher, NOTHING_TO_DO, refusesTheDocument } from './attach-policy.ts';
import type { AuditJournal } from './audit-journal.ts';
import { type Beside, type Change, type ChangeCommand, describeChange, type Warning } from './change.ts';
import { createChangeQueue } from './change-queue.ts';
import { type CycleRecord, recordCycle } from './change-recorder.ts';
import { driftOf, missingFrom, without } from './drift.ts';
import { assertChangeable, assertFits, assertPreconditions } from './preconditions.ts';
import { createSecretResolver } from './resolve-secret.ts';
import type { HeldLock, SecretLock } from './secret-lock.ts';
import type { SecretPolicies } from './secret-policies.ts';

/**
 * THE write path: everything that changes a policy goes through `change`, and top-down is how it goes.
 *
 *   queue by secret -> lock -> Get || Describe -> authorize, edit, check -> audit intents -> Validate (denials) -> Put
 *   -> audit outcomes -> answer each caller
 */
export type PolicyChanger = {
  /** @throws DomainError whatever refuses or fails the change; nothing is lost, and what was tried is in the audit log */
  change(command: ChangeCommand): Promise<Change>;
  /** Lets the changes that were accepted finish, and refuses more. */
  close(): Promise<void>;
  readonly depth: number;
};

export type ChangerPorts = {
  policies: SecretPolicies;
  journal: AuditJournal;
  lock: SecretLock;
  followUps: Pick<FollowUps, 'noteExpiries'>;
  authorizer: Authorizer;
  clock: Clock;
  newChangeId(): string;
  /** Waits, in milliseconds; for principals that AWS does not know yet. */
  sleep(ms: number): Promise<void>;
  /** Looks on while a cycle does its batch, the wait for the lock included. */
  aroundCycle<T>(batch: readonly ChangeCommand[], cycle: () => Promise<T>): Promise<T>;
};

/** A change as planned on the policy that the changes before it in the batch leave. */
type Step = {
  command: ChangeCommand;
  before: PolicyDocument | null;
  after: PolicyDocument | null;
  view: PolicyView;
  changed: boolean;
  missing: Entry[];
  entry?: Entry;
  warnings: Warning[];
};
type Attached = { secret: Secret; document: PolicyDocument | null; missing: readonly Entry[] };
type Results = Map<ChangeCommand, PromiseSettledResult<Change>>;
/** What one cycle works with. */
type Cycle = { results: Results; record: CycleRecord; held: HeldLock };

export function createPolicyChanger(ports: ChangerPorts): PolicyChanger {
  const { policies, journal } = ports;
  const attacher = createPolicyAttacher(policies, ports.sleep);
  const settleIntents = createIntentSettler(ports);
  const guard = createChangeGuard(ports.authorizer);
  const resolver = createSecretResolver(policies, ports.clock);
  const queue = createChangeQueue<ChangeCommand, Change>({
    run: (arn, commands) =>
      ports.aroundCycle(commands, () => ports.lock.withLock(arn, (held) => runCycle(arn, commands, held))),
    maxBatch: 200,
    maxDepth: 10_000,
  });

  return {
    get depth() {
      return queue.depth;
    },
    close: () => queue.close(),
    async change(command) {
      const change = await carryOut(command);
      return (await command.afterwards?.(change)) ?? change;
    },
  };

  async function carryOut(command: ChangeCommand): Promise<Change> {
    const arn = await resolver.arnOf(command.secretId);
    if (command.dryRun) return rehearse(arn, command);
    try {
      return await queue.submit(arn, command);
    } catch (error) {
      if (error instanceof SecretMoved) return queue.submit(error.arn, command);
      if (error instanceof DomainError && error.code === 'secret-not-found') resolver.forget(command.secretId);
      throw error;
    }
  }

  async function runCycle(
    arn: string,
    commands: readonly ChangeCommand[],
    held: HeldLock,
  ): Promise<PromiseSettledResult<Change>[]> {
    const reading = read(arn);
    // Both of these take this thread: AWS is asked first, and answers meanwhile.
    const meanwhile = nextTurn().then(() => {
      guard.askAhead(arn, commands);
      return Promise.all([journal.lastPolicy(arn), journal.openIntents(arn)]);
    });
    const [found, [known, open]] = await Promise.all([reading, meanwhile]);
    const left = open.filter(isAboutPolicy);
    if (left.length > 0) {
      await settleIntents(arn, left);
      return runCycle(arn, commands, held);
    }
    const attached = { ...found, missing: missingFrom(known, found.secret, found.document) };
    const cycle: Cycle = { results: new Map(), record: recordCycle(journal, attached.secret), held };
    const drift = driftOf(known, attached.secret, attached.document, ports.newChangeId());
    if (drift !== undefined) await journal.append([drift]);
    await write(cycle, attached, plan(cycle, attached, commands));
    await cycle.record.flush().catch((error) => reportUnrecorded(cycle.results, error));
    return commands.map((command) => cycle.results.get(command) ?? unsettled);
  }

  /** Fails closed: an error while reading is never taken for "no policy". */
  async function read(arn: string): Promise<Omit<Attached, 'missing'>> {
    const [secret, document] = await Promise.all([policies.describe(arn), policies.get(arn)]);
    if (secret.arn !== arn) throw new SecretMoved(secret.arn);
    assertChangeable(secret);
    return { secret, document };
  }

  /** Applies the commands one after another. One that is refused changes nothing, and the next goes on without it. */
  function plan({ results, record }: Cycle, attached: Attached, commands: readonly ChangeCommand[]): Step[] {
    const steps: Step[] = [];
    const { secret } = attached;
    let view = parse(attached.document, secret.partition);
    let { document: before, missing } = attached;
    for (const command of commands) {
      try {
        const step = planOne({ secret, document: before, missing }, command, view);
        steps.push(step);
        ({ view, after: before, missing } = step);
      } catch (error) {
        if (error instanceof DomainError) record.refused(command, error);
        results.set(command, { status: 'rejected', reason: error });
      }
    }
    return steps;
  }

  function planOne({ secret, document: before, missing }: Attached, command: ChangeCommand, view: PolicyView): Step {
    const approval = guard.ask(command, secret);
    assertPreconditions(before, command);
    const { view: edited, entry, warnings = [], ...edit } = command.edit(view, secret, missing);
    const compiled = compile(edited);
    const changed = !samePolicy(before, compiled);
    const after = changed ? compiled : before;
    assertFits(before, after);
    const stillMissing = edit.missing ?? without(missing, entriesOf(edited));
    const step = { command, before, after, view: edited, changed, missing: stillMissing, ...(entry && { entry }) };
    // What changes nothing, here or elsewhere, needs nobody.
    if (approval === null || !(changed || command.afterwards)) return { ...step, warnings };
    if (command.dryRun) return { ...step, warnings: [...warnings, approvalWarning(approval)] };
    throw new ApprovalRequired(approval, secret, describeChange(command, secret, step, undefined, warnings));
  }

  /** One Put for all steps. When AWS refuses the document, the batch is halved until only the bad ones fail. */
  async function write(cycle: Cycle, attached: Attached, steps: readonly Step[]): Promise<void> {
    await cycle.record.intents(steps.filter(({ changed }) => changed));
    await ports.followUps.noteExpiries(attached.secret.arn, steps.flatMap(expiryOf));
    const beside = steps.map((step) => lookAlongside(step, attached.secret));
    const { failure, awsRequestId } = await attach(cycle, attached, steps);
    if (failure === null) {
      for (const [index, step] of steps.entries()) {
        cycle.record.settle(step, step.changed ? 'applied' : 'unchanged', null, step.changed ? awsRequestId : null);
        const change = describeChange(step.command, attached.secret, step, await beside[index], step.warnings);
        cycle.results.set(step.command, { status: 'fulfilled', value: change });
      }
    } else if (steps.length > 1 && refusesTheDocument(failure)) {
      await split(cycle, attached, steps);
    } else {
      for (const step of steps) {
        // Where it is not known what happened, the intent stays open: the next look at the policy will tell.
        if (!(step.changed && isUncertain(failure))) cycle.record.settle(step, outcomeOf(failure), failure);
        cycle.results.set(step.command, { status: 'rejected', reason: failure });
      }
    }
  }

  /** Half by half: the second is planned anew on what the first left. */
  async function split(cycle: Cycle, attached: Attached, steps: readonly Step[]): Promise<void> {
    const middle = Math.ceil(steps.length / 2);
    const [first, second] = [steps.slice(0, middle), steps.slice(middle)];
    await write(cycle, attached, first);
    const reached = { ...attached, document: await reachedBy(cycle, attached, first) };
    const commands = second.map(({ command }) => command);
    await write(cycle, reached, plan(cycle, reached, commands));
  }

  /** The document that stands after some steps were written; read again where that is not certain. */
  async function reachedBy({ results }: Cycle, { secret, document }: Attached, steps: readonly Step[]) {
    const settled = steps.map(({ command }) => results.get(command));
    if (settled.some((result) => result?.status === 'rejected' && isUncertain(result.reason))) {
      return policies.get(secret.arn);
    }
    const taken = settled.findLast((result) => result?.status === 'fulfilled');
    return taken === undefined ? document : taken.value.policy;
  }

  function attach({ held }: Cycle, { secret, document }: Attached, steps: readonly Step[]): Promise<Attachment> {
    const after = steps.at(-1)?.after ?? null;
    if (steps.length === 0 || samePolicy(document, after)) return Promise.resolve(NOTHING_TO_DO);
    return attacher.attach(secret.arn, document, after, {
      validate: steps.some(({ command, changed }) => changed && command.validate),
      alone: steps.length === 1,
      held,
    });
  }

  /** A dry run reads, plans and asks AWS's own check. It writes nothing, and is not a change in the audit log. */
  async function rehearse(arn: string, command: ChangeCommand): Promise<Change> {
    const [{ secret, document }, known] = await Promise.all([read(arn), journal.lastPolicy(arn)]);
    const missing = missingFrom(known, secret, document);
    const step = planOne({ secret, document, missing }, command, parse(document, secret.partition));
    if (step.changed) await attacher.validate(arn, step.after);
    return describeChange(command, secret, step, await lookAlongside(step, secret), step.warnings);
  }
}

const expiryOf = ({ changed, entry }: Step): Date[] =>
  changed && entry != null && entry.expiresAt !== null ? [new Date(entry.expiresAt)] : [];

const lookAlongside = (step: Step, secret: Secret): Promise<Beside> =>
  step.command.alongside?.(secret, step) ?? Promise.resolve({ legs: [] });

const isUncertain = (reason: unknown): boolean => reason instanceof DomainError && reason.facts.uncertain === true;

const outcomeOf = (failure: DomainError): AuditOutcome => {
  if (isUncertain(failure)) return 'unknown';
  return refusesTheDocument(failure) ? 'refused' : 'failed';
};

/** The policy stands, its outcome is not on record: the intent is, and reconciliation writes the outcome later. */
function reportUnrecorded(results: Results, cause: unknown): void {
  for (const [command, result] of results) {
    if (result.status === 'rejected') continue;
    const message =
      'The policy was changed at AWS, but the outcome could not be recorded yet. It will be once the audit log is back. ' +
      'Repeating the request is harmless.';
    results.set(command, {
      status: 'rejected',
      reason: new DomainError('audit-unavailable', message, { cause, retryAfter: 5 }),
    });
  }
}

const unsettled = { status: 'rejected', reason: new Error('A cycle left a change without a result.') } as const;

/** The name or partial ARN meant another secret than the one remembered. */
class SecretMoved extends Error {
  readonly arn: string;
  constructor(arn: string) {
    super('The secret has another ARN.');
    this.arn = arn;
  }
}

import type { AuditOutcome } from '../audit/event.ts';
import { samePolicy } from '../policy/canonical.ts';
import { compile, type PolicyView, policyText } from '../policy/compile.ts';
import type { PolicyDocument } from '../policy/document.ts';
import { entriesOf } from '../policy/edit.ts';
import type { Entry } from '../policy/entry.ts';
import { parse } from '../policy/parse.ts';
import { DomainError } from '../problem.ts';
import { ApprovalRequired, approvalWarning } from './approvals/approval.ts';
import { type Beside, type Change, type ChangeCommand, describeChange, type Warning } from './change.ts';
import { createChangeQueue } from './change-queue.ts';
import { type CycleRecord, recordCycle } from './change-recorder.ts';
import { driftOf, missingFrom, without } from './drift.ts';
import { guardChange } from './guard-change.ts';
import type {
  AuditJournal,
  Authorizer,
  AwsReceipt,
  FollowUps,
  HeldLock,
  PolicyFinding,
  Secret,
  SecretLock,
  SecretPolicies,
} from './ports.ts';
import { assertChangeable, assertFits, assertPreconditions } from './preconditions.ts';
import { settleOpenIntents } from './reconcile.ts';
import { createSecretResolver } from './resolve-secret.ts';
import { settleByReading } from './settle.ts';

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
  now(): number;
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
type Attachment = AwsReceipt & { failure: DomainError | null };
/** What one cycle works with. */
type Cycle = { results: Results; record: CycleRecord; held: HeldLock };

/** Refusals that lie in what one of the batch asked for, so that the others must not suffer. */
const REFUSES_THE_DOCUMENT = [
  'policy-malformed',
  'principal-not-found',
  'policy-public',
  'policy-too-large',
  'policy-locks-out-caller',
];
/** A principal created seconds ago is refused like a typing error: one more try, this much later. */
const NEW_PRINCIPAL_MS = 1_500;

export function createPolicyChanger(ports: ChangerPorts): PolicyChanger {
  const { policies, journal } = ports;
  const resolver = createSecretResolver(policies, ports.now);
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

  async function runCycle(arn: string, commands: readonly ChangeCommand[], held: HeldLock) {
    const [found, known, open] = await Promise.all([read(arn), journal.lastPolicy(arn), journal.openIntents(arn)]);
    const attached = { ...found, missing: missingFrom(known, found.secret, found.document) };
    await settleOpenIntents(journal, open, attached.document, attached.secret.partition);
    const cycle: Cycle = { results: new Map(), record: recordCycle(journal, attached.secret), held };
    const drift = driftOf(known, attached.secret, attached.document, ports.newChangeId());
    if (drift !== undefined) await journal.append([drift]);
    await write(cycle, attached, plan(cycle, attached, commands));
    await cycle.record.flush().catch((error) => reportUnrecorded(cycle.results, error));
    return commands.map((command) => cycle.results.get(command) ?? unsettled);
  }

  /** Fails closed: an error while reading is never taken for "no policy". */
  async function read(arn: string): Promise<Omit<Attached, 'missing'>> {
    const [document, secret] = await Promise.all([policies.get(arn), policies.describe(arn)]);
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
        if (error instanceof DomainError && error.code === 'forbidden') record.refused(command, error);
        results.set(command, { status: 'rejected', reason: error });
      }
    }
    return steps;
  }

  function planOne({ secret, document: before, missing }: Attached, command: ChangeCommand, view: PolicyView): Step {
    const approval = guardChange(ports.authorizer, command, secret);
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
    } else if (steps.length > 1 && REFUSES_THE_DOCUMENT.includes(failure.code)) {
      await split(cycle, attached, steps);
    } else {
      for (const step of steps) {
        cycle.record.settle(step, outcomeOf(failure), failure);
        cycle.results.set(step.command, { status: 'rejected', reason: failure });
      }
    }
  }

  async function split(cycle: Cycle, attached: Attached, steps: readonly Step[]): Promise<void> {
    const middle = Math.ceil(steps.length / 2);
    const [first, second] = [steps.slice(0, middle), steps.slice(middle)];
    await write(cycle, attached, first);
    const results = first.map(({ command }) => cycle.results.get(command));
    const taken = results.findLast((result) => result?.status === 'fulfilled');
    const reached = taken === undefined ? attached : { ...attached, document: taken.value.policy };
    await write(
      cycle,
      reached,
      plan(
        cycle,
        reached,
        second.map(({ command }) => command),
      ),
    );
  }

  /** `failure` is null when the last step's document stands at AWS. */
  async function attach({ held }: Cycle, attached: Attached, steps: readonly Step[]): Promise<Attachment> {
    const nothing = { failure: null, awsRequestId: null };
    const after = steps.at(-1)?.after ?? null;
    if (steps.length === 0 || samePolicy(attached.document, after)) return nothing;
    const { arn } = attached.secret;
    try {
      if (steps.some(({ command, changed }) => changed && command.validate)) await validate(arn, after);
      held.assertHeld();
      return { failure: null, ...(await put(arn, after, steps.length === 1)) };
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      if (error.facts.uncertain !== true) return { ...nothing, failure: error };
      const change = { arn, before: attached.document, after };
      return { ...nothing, failure: await settleByReading(policies, ports.sleep, change, error) };
    }
  }

  async function put(arn: string, document: PolicyDocument | null, alone: boolean): Promise<AwsReceipt> {
    if (document === null) return policies.delete(arn);
    const text = policyText(document);
    return policies.put(arn, text).catch(async (error) => {
      if (!alone || !(error instanceof DomainError) || error.code !== 'principal-not-found') throw error;
      await ports.sleep(NEW_PRINCIPAL_MS);
      return policies.put(arn, text);
    });
  }

  /** @throws DomainError policy-locks-out-caller, policy-public, policy-malformed: what AWS's own check finds */
  async function validate(arn: string, document: PolicyDocument | null): Promise<void> {
    const findings = document === null ? [] : await policies.validate(arn, policyText(document));
    if (findings.length > 0) throw refusalOf(findings);
  }

  /** A dry run reads, plans and asks AWS's own check. It writes nothing, and is not a change in the audit log. */
  async function rehearse(arn: string, command: ChangeCommand): Promise<Change> {
    const [{ secret, document }, known] = await Promise.all([read(arn), journal.lastPolicy(arn)]);
    const missing = missingFrom(known, secret, document);
    const step = planOne({ secret, document, missing }, command, parse(document, secret.partition));
    if (step.changed) await validate(arn, step.after);
    return describeChange(command, secret, step, await lookAlongside(step, secret), step.warnings);
  }
}

const expiryOf = ({ changed, entry }: Step): Date[] =>
  changed && entry != null && entry.expiresAt !== null ? [new Date(entry.expiresAt)] : [];

const lookAlongside = (step: Step, secret: Secret): Promise<Beside> =>
  step.command.alongside?.(secret, step) ?? Promise.resolve({ legs: [] });

const outcomeOf = (failure: DomainError): AuditOutcome => {
  if (failure.facts.uncertain === true) return 'unknown';
  return REFUSES_THE_DOCUMENT.includes(failure.code) ? 'refused' : 'failed';
};

function refusalOf(findings: readonly PolicyFinding[]): DomainError {
  const text = findings.map(({ check, message }) => `${check} ${message}`).join(' ');
  const code = /lock|self/i.test(text)
    ? 'policy-locks-out-caller'
    : /public|broad/i.test(text)
      ? 'policy-public'
      : 'policy-malformed';
  return new DomainError(
    code,
    `AWS’s own check refuses the policy: ${findings.map(({ message }) => message).join(' ')}`,
  );
}

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

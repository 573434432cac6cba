import type { Channels } from '../../channels.ts';
import type { Clock } from '../../clock.ts';
import { DomainError } from '../../problems/problem.ts';
import type { Foreground } from '../../turns/foreground.ts';
import { type Change, type ChangeCommand, summarised } from './change.ts';
import { createChangeQueue } from './change-queue.ts';
import type { Reported } from './record/drift.ts';
import { createSecretResolver, SecretMoved } from './resolve-secret.ts';
import { type CyclePorts, createCycles } from './run-cycle.ts';
import type { HeldLock, SecretLock } from './secret-lock.ts';
import type { SecretPolicies } from './secret-policies.ts';
import { byUrgency, mostUrgent, type Urgency, urgencyOf } from './urgency.ts';

/**
 * THE write path: everything that changes a policy goes through `change`. Four files, in the order of reading:
 *
 *   change-policy    the secret's full ARN -> queue by secret -> lock
 *   run-cycle        Get || Describe -> what was left open, drift -> plan -> write -> audit outcomes -> answers
 *   plan-changes     pure: each command in turn -> guardrails, If-Match, edit, size
 *   write-changes    audit intents -> Validate (denials) -> Put; halves when AWS refuses the document
 */
export type PolicyChanger = {
  /** @throws DomainError whatever refuses or fails the change; nothing is lost, and what was tried is in the audit log */
  change(command: ChangeCommand): Promise<Change>;
  /**
   * Puts on record what somebody else did since our last change, once, over all replicas.
   * @param reported who that is said to be
   * @throws DomainError overloaded, audit-unavailable, aws-…
   */
  noteDrift(arn: string, reported: Reported): Promise<void>;
  /** Lets the changes that were accepted finish, and refuses more. */
  close(): Promise<void>;
  readonly depth: number;
};

type ChangerPorts = CyclePorts & {
  /** The same policies, each in its lane. */
  policiesOf: Record<Urgency, SecretPolicies>;
  lock: SecretLock;
  clock: Clock;
  channels: Pick<Channels, 'change' | 'cycle'>;
  foreground: Pick<Foreground, 'during'>;
};

export function createPolicyChanger(ports: ChangerPorts): PolicyChanger {
  const { lock, channels } = ports;
  const cyclesOf = {
    incident: createCycles({ ...ports, policies: ports.policiesOf.incident }),
    urgent: createCycles({ ...ports, policies: ports.policiesOf.urgent }),
    waited: createCycles({ ...ports, policies: ports.policiesOf.waited }),
    background: createCycles({ ...ports, policies: ports.policiesOf.background }),
  };
  const resolver = createSecretResolver(ports.policies, ports.clock);
  const queue = createChangeQueue<ChangeCommand, Change>({
    run(arn, commands) {
      const urgency = mostUrgent(commands);
      const cycle = (held: HeldLock) => cyclesOf[urgency].run(arn, commands, held);
      const isIncident = urgency === 'incident';
      return channels.cycle.tracePromise(() => lock.withLock(arn, cycle, { isIncident }), { commands });
    },
    first: byUrgency,
    maxBatch: 200,
    maxDepth: 10_000,
  });

  async function carryOut(command: ChangeCommand): Promise<Change> {
    const arn = await resolver.arnOf(command.secretId);
    if (command.dryRun) return cyclesOf[urgencyOf(command)].rehearse(arn, command);
    try {
      return await queue.submit(arn, command);
    } catch (error) {
      if (error instanceof SecretMoved) return queue.submit(error.arn, command);
      if (error instanceof DomainError && error.code === 'secret-not-found') resolver.forget(command.secretId);
      throw error;
    }
  }

  async function carryOutSome(command: ChangeCommand): Promise<{ made: ChangeCommand; change: Change }> {
    try {
      return { made: command, change: await carryOut(command) };
    } catch (error) {
      const less = error instanceof DomainError ? command.otherwise?.(error) : undefined;
      if (less === undefined) throw error;
      return carryOutSome(less);
    }
  }

  async function make(command: ChangeCommand): Promise<Change> {
    const { made, change } = await carryOutSome(command);
    const since = await made.afterwards?.(change);
    if (made.owesGrants === true && change.changed && !change.dryRun)
      await ports.grantsDue.done(made.changeId).catch(leaveDue);
    return since === undefined ? change : summarised(since);
  }

  return {
    get depth() {
      return queue.depth;
    },
    noteDrift: (arn, reported) => lock.withLock(arn, (held) => cyclesOf.background.noteDrift(arn, reported, held)),
    close: () => queue.close(),
    async change(command) {
      channels.change.publish(command);
      return command.background === true ? make(command) : ports.foreground.during(() => make(command));
    },
  };
}

/** The change stands, and says so. What is still due is looked at once more, and found done. */
function leaveDue(error: unknown): void {
  if (!(error instanceof DomainError)) throw error;
}

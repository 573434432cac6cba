import type { AuditOutcome } from '../../audit/event.ts';
import type { Clock } from '../../clock.ts';
import { samePolicy } from '../../policy/canonical.ts';
import type { PolicyDocument } from '../../policy/document.ts';
import { DomainError } from '../../problems/problem.ts';
import type { Timing } from '../../timing.ts';
import { createLoopTurns, createPauses } from '../../turns/event-loop.ts';
import type { FollowUps } from '../commands/later/follow-ups.ts';
import type { GrantsDue } from '../grants/grants-due.ts';
import { placesOf, type Secret } from '../secret.ts';
import { type Beside, type Change, type ChangeCommand, describeChange } from './change.ts';
import { assertStill } from './moved-on.ts';
import { type Attached, type Plan, type Planning, planChanges, type Step } from './plan-changes.ts';
import { type Attachment, NOTHING_TO_DO, type PolicyAttacher } from './put/attach-policy.ts';
import type { CycleRecord } from './record/change-recorder.ts';
import type { HeldLock } from './secret-lock.ts';
import type { SecretPolicies } from './secret-policies.ts';

export type Results = Map<ChangeCommand, PromiseSettledResult<Change>>;
/** What one cycle works with. */
export type Cycle = {
  results: Results;
  record: CycleRecord;
  held: HeldLock;
  /** What was attached when it began, and when the policy was last seen, on the clock of performance.now(). */
  found: PolicyDocument | null;
  seenAt: number;
};

/**
 * Carries a plan out: one Put for all of its steps. When AWS refuses the document, the batch is halved until only the bad
 * ones fail. Afterwards every command of the plan has its result, and its outcome waits in the record to be flushed.
 * @throws PolicyMovedOn: the commands that have no result yet are to be planned anew
 */
type ChangeWriter = (cycle: Cycle, attached: Attached, plan: Plan) => Promise<void>;

export function createChangeWriter(deps: {
  policies: Pick<SecretPolicies, 'get'>;
  followUps: Pick<FollowUps, 'noteExpiries'>;
  grantsDue: Pick<GrantsDue, 'note'>;
  clock: Clock;
  attacher: Pick<PolicyAttacher, 'attach'>;
  planning: () => Planning;
  timing: Pick<Timing, 'rereadAfterMs'>;
}): ChangeWriter {
  const { policies, followUps, attacher, planning, timing } = deps;

  async function write(cycle: Cycle, attached: Attached, { steps, refusals }: Plan): Promise<void> {
    const { results, record } = cycle;
    for (const { command, reason } of refusals) {
      if (reason instanceof DomainError) record.refused(command, reason);
      results.set(command, { status: 'rejected', reason });
    }
    await record.intents(steps.filter(({ changed }) => changed));
    await followUps.noteExpiries(attached.secret.arn, steps.flatMap(expiryOf));
    await deps.grantsDue.note(attached.secret.arn, steps.flatMap(owingGrants(attached.secret)), deps.clock());
    const turn = createLoopTurns();
    // Beside the write, which goes first.
    const beside = steps.map((step) =>
      turn().then(() => lookAlongside(step, attached.secret, { isRecorded: step.changed })),
    );
    const { failure, awsRequestId } = await attach(cycle, attached, steps);
    if (failure === null) {
      const pause = createPauses();
      for (const [index, step] of steps.entries()) {
        record.settle(step, step.changed ? 'applied' : 'unchanged', null, step.changed ? awsRequestId : null);
        const change = describeChange(step.command, attached.secret, step, await beside[index], step.warnings);
        results.set(step.command, { status: 'fulfilled', value: change });
        await pause();
      }
    } else if (steps.length > 1 && failure.refuses === 'document') {
      await split(cycle, attached, steps);
    } else {
      for (const step of steps) {
        // Where it is not known what happened, the intent stays open: the next look at the policy will tell.
        if (!(step.changed && isUncertain(failure))) record.settle(step, outcomeOf(failure), failure);
        results.set(step.command, { status: 'rejected', reason: failure });
      }
    }
  }

  async function attach(cycle: Cycle, { secret, document }: Attached, steps: readonly Step[]): Promise<Attachment> {
    const { held, found } = cycle;
    const after = steps.at(-1)?.after ?? null;
    if (steps.length === 0) return NOTHING_TO_DO;
    if (samePolicy(document, after)) {
      // What is recorded as unchanged is taken for what is attached.
      await held.confirm();
      return NOTHING_TO_DO;
    }
    const attachment = await attacher.attach(secret.arn, document, after, {
      validate: steps.some(({ command, changed }) => changed && command.validate),
      alone: steps.length === 1,
      held,
      async assertStill(validated) {
        if (validated || performance.now() - cycle.seenAt > timing.rereadAfterMs)
          await assertStill(policies, secret.arn, [document, found]);
      },
    });
    cycle.seenAt = performance.now();
    return attachment;
  }

  /** Half by half: the second is planned anew on what the first left. */
  async function split(cycle: Cycle, attached: Attached, steps: readonly Step[]): Promise<void> {
    const middle = Math.ceil(steps.length / 2);
    const [first, second] = [steps.slice(0, middle), steps.slice(middle)];
    await write(cycle, attached, { steps: first, refusals: [] });
    const reached = { ...attached, document: await reachedBy(cycle, attached, first) };
    const commands = second.map(({ command }) => command);
    await write(cycle, reached, await planChanges(reached, commands, planning()));
  }

  /** The document that stands after some steps were written; read again where that is not certain. */
  async function reachedBy(
    { results }: Cycle,
    { secret, document }: Attached,
    steps: readonly Step[],
  ): Promise<PolicyDocument | null> {
    const settled = steps.map(({ command }) => results.get(command));
    if (settled.some((result) => result?.status === 'rejected' && isUncertain(result.reason))) {
      return policies.get(secret.arn);
    }
    const taken = settled.findLast((result) => result?.status === 'fulfilled');
    return taken === undefined ? document : taken.value.policy;
  }

  return write;
}

/** What the answer says beyond the policy. */
export const lookAlongside = (step: Step, secret: Secret, options = { isRecorded: false }): Promise<Beside> =>
  step.command.alongside?.(secret, step, options) ?? Promise.resolve({ legs: [] });

const expiryOf = ({ changed, entry }: Step): Date[] =>
  changed && entry != null && entry.expiresAt !== null ? [new Date(entry.expiresAt)] : [];

/** The AWS managed key takes no grants. */
const owingGrants =
  (secret: Secret) =>
  ({ changed, command }: Step): string[] =>
    changed && command.owesGrants === true && placesOf(secret).some(({ kmsKeyId }) => kmsKeyId !== null)
      ? [command.changeId]
      : [];

const isUncertain = (reason: unknown): boolean => reason instanceof DomainError && reason.facts.uncertain === true;

const outcomeOf = (failure: DomainError): AuditOutcome => {
  if (isUncertain(failure)) return 'unknown';
  return failure.refuses === 'document' ? 'refused' : 'failed';
};

import type { AuditEvent, AuditOutcome, EventDraft, PolicyTransition } from '../../audit/event.ts';
import type { Clock } from '../../clock.ts';
import type { PolicyDocument } from '../../policy/document.ts';
import { partsIn } from '../../policy/entries/parts.ts';
import type { Timing } from '../../timing.ts';
import type { AuditJournal } from '../write/record/audit-journal.ts';
import type { HeldLock } from '../write/secret-lock.ts';
import { ifGone, type SecretPolicies } from '../write/secret-policies.ts';

/**
 * Every intent gets an outcome, whatever dies when. Where a process died, or lost its database, between intent and
 * outcome, the policy itself says what came of it. The next cycle of the secret does this before it changes anything
 * (run-cycle.ts), so that the policy it reads is still the one that the intents left; `Reconciler` does it for
 * secrets that nobody changes any more. To be called under the secret's lock, with intents that are about its policy.
 */
export type IntentSettler = (secretArn: string, intents: readonly AuditEvent[], held: HeldLock) => Promise<void>;

/** An intent that is so many times as old as a write may take to land has nothing under way. */
const LONG_OVER = 6;

export function createIntentSettler(deps: {
  journal: AuditJournal;
  policies: Pick<SecretPolicies, 'get'>;
  clock: Clock;
  sleep(ms: number): Promise<void>;
  timing: Pick<Timing, 'landedAfterMs'>;
}): IntentSettler {
  const { landedAfterMs } = deps.timing;

  /**
   * How long a Put may outlive its process, on its way or in AWS's eventual consistency: the next Put waits that long, or
   * the late one would undo it. It was sent at some time after the intent, and before the lock, which is ours now, was lost.
   */
  const waitFor = (intents: readonly AuditEvent[]): number => {
    const age = deps.clock().getTime() - Math.max(...intents.map(({ time }) => Date.parse(time)));
    if (age > LONG_OVER * landedAfterMs) return 0;
    return Math.min(landedAfterMs, Math.max(landedAfterMs - age, landedAfterMs / 2));
  };

  return async (secretArn, intents, held) => {
    const partition = secretArn.split(':')[1] ?? 'aws';
    const judgeAll = async () => {
      // A secret that was deleted has no policy any more: what its intents came to can be judged by that.
      const attached = await deps.policies.get(secretArn).catch(ifGone);
      return judgeIntents(intents, attached, partition);
    };
    let outcomes = await judgeAll();
    const wait = waitFor(intents);
    if (wait > 0 && outcomes.some(({ outcome }) => outcome !== 'applied')) {
      await deps.sleep(wait);
      outcomes = await judgeAll();
    }
    await held.confirm();
    await deps.journal.settle(outcomes, new Set(outcomes.map(({ changeId }) => changeId)));
  };
}

/**
 * The changes of one write stood together, or none did. What one of them added and still stands shows that they did; what is gone of
 * the others was taken away since, by others or by changes that a journal from a backup does not know: the next cycle finds that as
 * drift. That something is gone shows nothing: others may have removed it where the write never landed.
 * @param intents oldest first
 */
function judgeIntents(
  intents: readonly AuditEvent[],
  attached: PolicyDocument | null,
  partition: string,
): EventDraft[] {
  const now = keysIn(attached, partition);
  const changes = intents.map(({ policy }) => policy && partsChanged(policy, partition));
  const outcomes = changes.map((changed) => outcomeBy(changed, now));
  const goesOn = (at: number) => at > 0 && intents[at - 1]?.policy?.afterHash === intents[at]?.policy?.beforeHash;
  const stood = changes.map((changed, at) => outcomes[at] === 'applied' && changed !== null && changed.added.size > 0);
  for (let at = intents.length - 1; at > 0; at -= 1) if (stood[at] && goesOn(at)) stood[at - 1] = true;
  for (const [at, didStand] of stood.entries()) {
    const before = outcomes[at - 1];
    if (didStand) outcomes[at] = 'applied';
    else if (outcomes[at] === 'applied' && goesOn(at) && before !== undefined) outcomes[at] = before;
  }
  return intents.map((intent, at) => outcomeOf(intent, outcomes[at] ?? 'unknown'));
}

/** Whether an intent is about the policy of the secret, and not about a grant of its key. */
export const isAboutPolicy = ({ policy }: AuditEvent): boolean => policy !== null;

/**
 * Whether what an intent meant to add and remove is so in the attached policy. It is not enough to compare documents:
 * an intent of a batch names a document that was never attached by itself.
 */
function outcomeBy(changed: PartsChanged | null, now: ReadonlySet<string>): AuditOutcome {
  if (changed === null) return 'unknown';
  const { added, removed } = changed;
  if (added.isSubsetOf(now) && removed.isDisjointFrom(now)) return 'applied';
  if (added.isDisjointFrom(now) && removed.isSubsetOf(now)) return 'failed';
  return 'unknown';
}

type PartsChanged = Record<'added' | 'removed', Set<string>>;

function partsChanged(policy: PolicyTransition, partition: string): PartsChanged {
  const before = keysIn(policy.before, partition);
  const after = keysIn(policy.after, partition);
  return { added: after.difference(before), removed: before.difference(after) };
}

const keysIn = (document: PolicyDocument | null, partition: string): Set<string> =>
  new Set(partsIn(document, partition).keys());

export function outcomeOf(intent: AuditEvent, outcome: AuditOutcome): EventDraft {
  const { id: _, sequence: __, time: ___, previousHash: ____, hash: _____, ...draft } = intent;
  const message =
    outcome === 'applied'
      ? null
      : {
          code: 'reconciled',
          message: 'The process ended before it recorded the outcome; this is what the policy said afterwards.',
        };
  return { ...draft, phase: 'outcome', outcome, error: message };
}

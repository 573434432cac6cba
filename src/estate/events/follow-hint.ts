import type { SecretEvents } from '../../access/looks/entry-origins.ts';
import type { ChangeEvents } from '../../access/recover/change-events.ts';
import type { AuditJournal } from '../../access/write/audit-journal.ts';
import { hasDrifted, type Reported } from '../../access/write/drift.ts';
import { ifGone, type SecretPolicies } from '../../access/write/secret-policies.ts';
import { CLOCKS_DIFFER_MS, unseenWrite, unseenWriteEvent } from '../../access/write/unseen-write.ts';
import type { AuditEvent } from '../../audit/event.ts';
import { secretsIn } from '../../policy/arn.ts';
import { policyHash } from '../../policy/canonical.ts';
import { uuidNamed } from '../../uuid.ts';
import type { EstateIndex, IndexedSecret } from '../estate-index.ts';
import type { Place } from '../place.ts';
import type { EstateLook } from '../survey/look.ts';
import type { Hint, UselessReason } from './hint.ts';

/**
 * Looks again at what some hints name, all of them the same. `again`: what stands there can't be told apart from a change
 * of ours yet.
 * @throws DomainError where the look failed, and may succeed later
 */
export type HintFollower = (hints: readonly Hint[]) => Promise<'looked' | 'again' | UselessReason>;

export function createHintFollower(deps: {
  isOfEstate(place: Place): Promise<boolean>;
  index: Pick<EstateIndex, 'find'>;
  look: Pick<EstateLook, 'hinted' | 'again'>;
  policies: Pick<SecretPolicies, 'describe'>;
  journal: Pick<AuditJournal, 'append' | 'lastPolicy'> &
    Pick<SecretEvents, 'appliedTo'> &
    Pick<ChangeEvents, 'eventsOfChange'>;
  keyChanged(arn: string): Promise<boolean>;
  /** Puts it on record under the secret's lock, once. */
  noteDrift(arn: string, reported: Reported): Promise<void>;
}): HintFollower {
  const { index, journal } = deps;

  async function followSecret(
    hints: readonly Hint[],
    { place, id }: Hint,
  ): Promise<'looked' | 'again' | UselessReason> {
    const arn = await arnOf(id, place);
    if (arn === null) return 'no-such-secret';
    const ours = await ownRequests(arn, hints);
    const others = hints.filter(({ event }) => event.requestId === null || !ours.has(event.requestId));
    if (others.length === 0) return 'own-change';
    if (!(await lookAt(arn))) return 'no-such-secret';
    const [event] = others.filter(({ ofPolicy }) => ofPolicy).toSorted(newestFirst);
    return event === undefined ? 'looked' : tellDrift(arn, event, others);
  }

  /** By a name only the secret of that place that has it: an ARN that is not whole may be taken for another's name. */
  async function arnOf(id: string, place: Place): Promise<string | null> {
    if (id.startsWith('arn:')) return id;
    const found = await deps.policies.describe(secretsIn(place).replace('*', () => id)).catch(ifGone);
    return found?.name === id && found.account === place.account && found.region === place.region ? found.arn : null;
  }

  /** Of our latest changes; what is older is looked at in vain. */
  async function ownRequests(arn: string, hints: readonly Hint[]): Promise<ReadonlySet<string>> {
    if (!hints.some(({ ofPolicy }) => ofPolicy)) return new Set();
    const applied = await journal.appliedTo(arn, Number.MAX_SAFE_INTEGER);
    return new Set(applied.flatMap(({ awsRequestId }) => awsRequestId ?? []));
  }

  /** @returns false where there is none */
  async function lookAt(arn: string): Promise<boolean> {
    const known = await index.find(arn);
    if (known !== null) await deps.look.hinted(known.secret);
    else if ((await deps.look.again(arn).catch(ifGone)) === null) return false;
    return true;
  }

  async function tellDrift(arn: string, { event }: Hint, hints: readonly Hint[]): Promise<'looked' | 'again'> {
    const [seen, known] = [await index.find(arn), await journal.lastPolicy(arn)];
    if (known?.open) return 'again';
    if (seen === null || seen.secret.deletedAt !== null) return 'looked';
    if (!hasDrifted(known, seen.policy)) {
      for (const hint of hints) await tellUnseen(seen, hint);
      return 'looked';
    }
    if (!seen.findings.includes('drift')) return 'again';
    await deps.noteDrift(arn, { by: event, hash: policyHash(seen.policy) });
    return 'looked';
  }

  /** What was put and replaced before anybody saw it. */
  async function tellUnseen({ secret, policy }: IndexedSecret, { put, event }: Hint): Promise<void> {
    if (put === undefined) return;
    const at = Date.parse(event.eventTime);
    const unseen = unseenWrite({ put, at, partition: secret.partition }, await appliedSince(secret.arn, at), policy);
    if (unseen === undefined) return;
    const changeId = uuidNamed(`unseen write ${event.eventId}`);
    if ((await journal.eventsOfChange(changeId)).length > 0) return;
    await journal.append([unseenWriteEvent(secret, changeId, unseen, event)]);
  }

  /** Newest first; some that are older, too. */
  async function appliedSince(arn: string, at: number): Promise<AuditEvent[]> {
    const events: AuditEvent[] = [];
    for (let pages = 0; pages < MOST_PAGES; pages += 1) {
      const more = await journal.appliedTo(arn, events.at(-1)?.sequence ?? Number.MAX_SAFE_INTEGER);
      events.push(...more);
      const last = more.at(-1);
      if (last === undefined || Date.parse(last.time) < at - CLOCKS_DIFFER_MS) break;
    }
    return events;
  }

  return async (hints) => {
    const [first] = hints;
    if (first === undefined) return 'looked';
    // A key may be of any account: what counts is that a secret of the estate is under it.
    if (first.about === 'key') return (await deps.keyChanged(first.id)) ? 'looked' : 'unknown-key';
    return (await deps.isOfEstate(first.place)) ? followSecret(hints, first) : 'not-of-estate';
  };
}

/** Of the latest changes: what came before those is not looked for. */
const MOST_PAGES = 10;

const newestFirst = (one: Hint, other: Hint): number =>
  Date.parse(other.event.eventTime) - Date.parse(one.event.eventTime);

import type { SecretEvents } from '../../access/looks/entry-origins.ts';
import type { ChangeEvents } from '../../access/recover/change-events.ts';
import type { AuditJournal } from '../../access/write/record/audit-journal.ts';
import { hasDrifted, type Reported } from '../../access/write/record/drift.ts';
import { CLOCKS_DIFFER_MS, unseenWrite, unseenWriteEvent } from '../../access/write/record/unseen-write.ts';
import { ifGone, type SecretPolicies } from '../../access/write/secret-policies.ts';
import type { AuditEvent } from '../../audit/event.ts';
import type { Clock } from '../../clock.ts';
import { secretsIn } from '../../policy/arn.ts';
import { policyHash } from '../../policy/canonical.ts';
import { uuidNamed } from '../../uuid.ts';
import type { IndexedSecret, SeenSecrets } from '../estate-index.ts';
import type { Place } from '../place.ts';
import type { EstateLook } from '../survey/look.ts';
import type { KeyChange } from '../survey/seen-keys.ts';
import type { Hint, UselessReason } from './hint.ts';
import { mayBeUnseen, newestFirst, shows, showsKey } from './shown.ts';

/**
 * What came of hints. `again`: what stands there can't be told apart from a change of ours yet; `later`: AWS may not show yet
 * what they say was changed.
 */
type Followed = 'looked' | 'again' | 'later' | UselessReason;

/**
 * Looks again at what some hints name, all of them the same.
 * @throws DomainError where the look failed, and may succeed later
 */
export type HintFollower = (hints: readonly Hint[]) => Promise<Followed>;

export function createHintFollower(deps: {
  isOfEstate(place: Place): Promise<boolean>;
  index: SeenSecrets;
  look: Pick<EstateLook, 'hinted' | 'again'>;
  policies: Pick<SecretPolicies, 'describe'>;
  journal: Pick<AuditJournal, 'append' | 'lastPolicy'> &
    Pick<SecretEvents, 'appliedTo'> &
    Pick<ChangeEvents, 'eventsOfChange'>;
  keyChanged(arn: string): Promise<KeyChange[]>;
  /** Puts it on record under the secret's lock, once. */
  noteDrift(arn: string, reported: Reported): Promise<void>;
  clock: Clock;
}): HintFollower {
  const { index, journal } = deps;
  const isYoung = (hints: readonly Hint[]): boolean => mayBeUnseen(hints, deps.clock());

  async function followNamed(hints: readonly Hint[], { place, id }: Hint): Promise<Followed> {
    if (id.startsWith('arn:')) return followSecret(hints, id);
    const arns = await arnsNamed(id, place);
    if (arns.length === 0) return isYoung(hints) ? 'later' : 'no-such-secret';
    const all: Followed[] = [];
    for (const arn of arns) all.push(await followSecret(hints, arn));
    return (['again', 'later', 'looked'] as const).find((one) => all.includes(one)) ?? all[0] ?? 'looked';
  }

  /**
   * By a name only the secret of that place that has it: an ARN that is not whole may be taken for another's name. And those
   * of that name that were there.
   */
  async function arnsNamed(name: string, place: Place): Promise<string[]> {
    const found = await deps.policies.describe(secretsIn(place).replace('*', () => name)).catch(ifGone);
    const isIt = found?.name === name && found.account === place.account && found.region === place.region;
    const known = await index.named(place, name);
    return [...new Set([...(isIt ? [found.arn] : []), ...known.map(({ secret }) => secret.arn)])];
  }

  async function followSecret(hints: readonly Hint[], arn: string): Promise<Followed> {
    const ours = await ownRequests(arn, hints);
    const others = hints.filter(({ event }) => event.requestId === null || !ours.has(event.requestId));
    if (others.length === 0) return 'own-change';
    const before = await index.find(arn);
    const isThere = await lookAt(arn, before);
    const isSettled = shows(before, await index.find(arn), others) || !isYoung(others);
    if (!isThere) return isSettled ? 'no-such-secret' : 'later';
    const [event] = others.filter(({ ofPolicy }) => ofPolicy).toSorted(newestFirst);
    const told = event === undefined ? 'looked' : await tellDrift(arn, event, isSettled ? others : []);
    return told === 'looked' && !isSettled ? 'later' : told;
  }

  /** Of our latest changes; what is older is looked at in vain. */
  async function ownRequests(arn: string, hints: readonly Hint[]): Promise<ReadonlySet<string>> {
    if (!hints.some(({ ofPolicy }) => ofPolicy)) return new Set();
    const applied = await journal.appliedTo(arn, Number.MAX_SAFE_INTEGER);
    return new Set(applied.flatMap(({ awsRequestId }) => awsRequestId ?? []));
  }

  /** @returns false where there is none, nor was */
  async function lookAt(arn: string, known: IndexedSecret | null): Promise<boolean> {
    if (known !== null) await deps.look.hinted(known.secret);
    else if ((await deps.look.again(arn).catch(ifGone)) === null) return false;
    return true;
  }

  /** @param settled what may have been replaced, where AWS shows it no more for certain */
  async function tellDrift(arn: string, { event }: Hint, settled: readonly Hint[]): Promise<'looked' | 'again'> {
    const [seen, known] = [await index.find(arn), await journal.lastPolicy(arn)];
    if (known?.open) return 'again';
    if (seen === null || seen.secret.deletedAt !== null) return 'looked';
    if (!hasDrifted(known, seen.policy)) {
      for (const hint of settled) await tellUnseen(seen, hint);
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
    if (first.about === 'secret')
      return (await deps.isOfEstate(first.place)) ? followNamed(hints, first) : 'not-of-estate';
    // A key may be of any account: what counts is that a secret of the estate is under it.
    const changes = await deps.keyChanged(first.id);
    if (changes.length === 0) return 'unknown-key';
    return isYoung(hints) && !changes.every((change) => showsKey(change, hints)) ? 'later' : 'looked';
  };
}

/** Of the latest changes: what came before those is not looked for. */
const MOST_PAGES = 10;

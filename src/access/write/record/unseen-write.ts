import type { AuditEvent, EventDraft, ReportedBy } from '../../../audit/event.ts';
import { policyHash } from '../../../policy/canonical.ts';
import type { PolicyDocument, Statement } from '../../../policy/document.ts';
import type { Entry } from '../../../policy/entries/entry.ts';
import { partsIn } from '../../../policy/entries/parts.ts';
import type { Secret } from '../../secret.ts';
import { draft } from './change-recorder.ts';
import { byOthers } from './drift.ts';

/**
 * AWS has no conditional write: what somebody else puts between our last look and our Put is replaced, and nobody ever saw
 * it. Where change events come, they tell. What an event says is no fact: the record says what it says, and nothing is done.
 */
type UnseenWrite = {
  /** The changes of ours of that moment: one of them did. */
  replacedBy: string[];
  /** What they had put, and does not stand. */
  gone: (Entry | Statement)[];
  /** What they had taken out, whichever of those it was, and stands all the same. */
  back: (Entry | Statement)[];
};

/** Milliseconds by which AWS's clock, whose events tell whole seconds, and ours may differ. */
export const CLOCKS_DIFFER_MS = 6_000;
/** Milliseconds until a Put that was under way is on record: longer than it may last. */
const ON_RECORD_MS = 30_000;

/**
 * @param put the policy that an event says was put; null for none
 * @param at when, in Unix milliseconds
 * @param applied what was recorded since then and a little before, newest first
 * @returns undefined where it was seen, or nothing of it is gone
 */
export function unseenWrite(
  { put, at, partition }: { put: PolicyDocument | null; at: number; partition: string },
  applied: readonly AuditEvent[],
  attached: PolicyDocument | null,
): UnseenWrite | undefined {
  const hash = policyHash(put);
  if (applied.some(({ policy }) => policy?.afterHash === hash)) return undefined;
  const within = (from: number, to: number) =>
    applied.filter(({ time }) => Date.parse(time) >= from && Date.parse(time) <= to).toReversed();
  const after = within(at, at + ON_RECORD_MS);
  const candidates = after.length > 0 ? after : within(at - CLOCKS_DIFFER_MS, at);
  const [next] = candidates;
  // What came next was found by a look, after all.
  if (next?.policy == null || next.action === 'drift') return undefined;
  const [theirs, before, now] = [put, next.policy.before, attached].map((document) => partsIn(document, partition));
  if (theirs === undefined || before === undefined || now === undefined) return undefined;
  const gone = [...theirs].filter(([key]) => !before.has(key) && !now.has(key)).map(([, part]) => part);
  const back = [...before].filter(([key]) => !theirs.has(key) && now.has(key)).map(([, part]) => part);
  return gone.length + back.length === 0
    ? undefined
    : { replacedBy: candidates.filter(isOfOurs).map(({ changeId }) => changeId), gone, back };
}

const isOfOurs = ({ action }: AuditEvent): boolean => action !== 'drift';

/** It has no policy: none that is known stood. */
export const unseenWriteEvent = (
  secret: Secret,
  changeId: string,
  unseen: UnseenWrite,
  reportedBy: ReportedBy,
): EventDraft => ({
  ...draft(secret, byOthers(changeId, { unseen }), 'outcome', { outcome: 'unknown' }),
  reportedBy,
});

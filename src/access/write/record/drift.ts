import type { DroppedDenial, EventDraft, ReportedBy } from '../../../audit/event.ts';
import { canonicalStatement, policyHash } from '../../../policy/canonical.ts';
import { type PolicyDocument, type Statement, statementsOf } from '../../../policy/document.ts';
import { entriesOf, foreignOf, without } from '../../../policy/entries/edit.ts';
import type { Entry } from '../../../policy/entries/entry.ts';
import { parse } from '../../../policy/entries/parse.ts';
import { type Requester, SYSTEM } from '../../identity.ts';
import type { Secret } from '../../secret.ts';
import type { KnownPolicy } from './audit-journal.ts';
import { draft, transition } from './change-recorder.ts';

/**
 * Somebody else (Terraform, the console, External Secrets) may replace the policy between two of our changes. What they
 * did is put on record as an event of its own; which of our entries they dropped is carried along from event to event
 * until each is restored, revoked, or a whole document replaces the policy.
 */

/** Whether the policy is another than our last change left. */
export const hasDrifted = (known: KnownPolicy | null, attached: PolicyDocument | null): known is KnownPolicy =>
  known !== null && !known.hashes.includes(policyHash(attached));

/**
 * The event that records what somebody else did since our last change.
 * @param landedLate the change of ours that did it, where a write that nothing was heard of any more landed after all
 * @param reportedBy who else did it, where an event says so
 */
export function driftOf(
  known: KnownPolicy,
  secret: Secret,
  attached: PolicyDocument | null,
  dropped: Dropped,
  changeId: string,
  landedLate: string | null,
  reportedBy?: ReportedBy,
): EventDraft {
  const command =
    landedLate === null ? byOthers(changeId) : { ...byOthers(changeId, { landedLate }), requester: SYSTEM };
  const policy = transition({ before: known.document, after: attached, ...dropped });
  return {
    ...draft(secret, command, 'outcome', { policy, outcome: 'applied' }),
    ...(reportedBy !== undefined && landedLate === null && { reportedBy }),
  };
}

const OUTSIDE: Requester = { ...SYSTEM, identity: { ...SYSTEM.identity, subject: 'outside' } };

/** What is recorded of what somebody else did, as if they had asked for it here. */
export const byOthers = (changeId: string, request: Record<string, unknown> = {}) =>
  ({ changeId, requester: OUTSIDE, action: 'drift', request, reason: null, ticket: null }) as const;

/** Who is said to have changed a policy, and the hash of what was seen attached then. */
export type Reported = { by: ReportedBy; hash: string };

/** What somebody else took out of the policy. */
type Dropped = { missing: Entry[]; droppedDenials: DroppedDenial[] };

/**
 * Denials of others count only as long as entries of ours are missed, since those must not come back without them unseen.
 * @param changeId of the drift, where this is about to be recorded
 */
export function droppedFrom(
  known: KnownPolicy | null,
  secret: Secret,
  attached: PolicyDocument | null,
  changeId: string | null = null,
): Dropped {
  const missing = missingFrom(known, secret, attached);
  if (known === null || missing.length === 0) return { missing, droppedDenials: [] };
  const before = denialsOfOthers(known.document, secret).map((statement) => ({ statement, changeId }));
  return { missing, droppedDenials: withoutThose([...known.droppedDenials, ...before], attached) };
}

/** Those that a document does not have, each once. */
export function withoutThose(denials: readonly DroppedDenial[], document: PolicyDocument | null): DroppedDenial[] {
  const seen = new Set(statementsOf(document).map(canonicalStatement));
  return denials.filter(({ statement }) => {
    const text = canonicalStatement(statement);
    return !seen.has(text) && seen.add(text);
  });
}

const denialsOfOthers = (document: PolicyDocument | null, { partition }: Secret): Statement[] =>
  foreignOf(parse(document, partition)).filter(({ Effect }) => Effect === 'Deny');

/** Entries of ours that should be in the attached policy, and are not. */
export function missingFrom(known: KnownPolicy | null, secret: Secret, attached: PolicyDocument | null): Entry[] {
  if (known === null) return [];
  if (known.missing.length === 0 && known.hashes.includes(policyHash(attached))) return [];
  const held = entriesOf(parse(attached, secret.partition));
  const expected = entriesOf(parse(known.document, secret.partition));
  const gone = without([...known.missing, ...expected], held);
  return withoutOrphaned(gone, without(held, expected));
}

/** A deleted principal's ARN gives way to its unique id in the same statement: that is an orphan, nothing is missing. */
function withoutOrphaned(gone: readonly Entry[], appeared: readonly Entry[]): Entry[] {
  const orphans = new Map<string, number>();
  for (const { sid, orphaned } of appeared) if (orphaned) orphans.set(sid, (orphans.get(sid) ?? 0) + 1);
  return gone.filter(({ sid }) => {
    const left = orphans.get(sid) ?? 0;
    orphans.set(sid, left - 1);
    return left <= 0;
  });
}

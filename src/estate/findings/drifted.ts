import type { SecretEvents } from '../../access/looks/entry-origins.ts';
import type { Secret } from '../../access/secret.ts';
import type { KnownPolicy } from '../../access/write/record/audit-journal.ts';
import { missingFrom } from '../../access/write/record/drift.ts';
import { policyHash } from '../../policy/canonical.ts';
import type { PolicyDocument } from '../../policy/document.ts';

/** So long AWS may still show a policy of before a change: all operations of Secrets Manager are eventually consistent. */
const STALE_MS = 60_000;

/** What the audit log knew before AWS was asked, and once it had answered. */
type Told = { before: KnownPolicy | null; after: KnownPolicy | null };

/** Somebody else changed the policy since our last change; `missing`: so many of our entries went with that. */
export type Drifted = { missing: number };

/** Null also where that can’t be told: a change of ours was under way, or others came since what is attached was seen. */
export type DriftDetector = (
  secret: Secret,
  attached: PolicyDocument | null,
  asOf: Date,
  told: Told,
) => Promise<Drifted | null>;

export function createDriftDetector({ appliedTo }: Pick<SecretEvents, 'appliedTo'>): DriftDetector {
  /** Whether a change of ours found this attached since then: whoever shows it now may be late. */
  async function wasReplaced(arn: string, hash: string, since: number): Promise<boolean> {
    for (let before = Number.MAX_SAFE_INTEGER; ; ) {
      const events = await appliedTo(arn, before);
      if (events.length === 0) return false;
      for (const { sequence, time, policy } of events) {
        if (Date.parse(time) < since) return false;
        if (policy?.beforeHash === hash) return true;
        before = sequence;
      }
    }
  }

  return async (secret, attached, asOf, { before, after: known }) => {
    if (secret.deletedAt !== null || known === null || known.open) return null;
    if (before?.hashes.join() !== known.hashes.join()) return null;
    const missing = missingFrom(known, secret, attached).length;
    const hash = policyHash(attached);
    if (known.hashes.includes(hash)) return missing > 0 || known.byOthers ? { missing } : null;
    return (await wasReplaced(secret.arn, hash, asOf.getTime() - STALE_MS)) ? null : { missing };
  };
}

import type { Secret } from '../access/secret.ts';
import type { KnownPolicy } from '../access/write/audit-journal.ts';
import { hasDrifted, missingFrom } from '../access/write/drift.ts';
import { policyHash } from '../policy/canonical.ts';
import type { PolicyDocument } from '../policy/document.ts';

/** So long AWS may still show the policy of before a change: all operations of Secrets Manager are eventually consistent. */
const STALE_MS = 60_000;

/** What the audit log knew before AWS was asked, and once it had answered. */
export type Told = { before: KnownPolicy | null; after: KnownPolicy | null };

/** Somebody else changed the policy since our last change; `missing`: so many of our entries went with that. */
export type Drifted = { missing: number };

/** Null also where that can’t be told, since a change of ours was under way. */
export function driftedBy(secret: Secret, attached: PolicyDocument | null, asOf: Date, told: Told): Drifted | null {
  const { before, after: known } = told;
  if (secret.deletedAt !== null || known === null || known.open) return null;
  if (before?.hashes.join() !== known.hashes.join() || isStale(known, attached, asOf)) return null;
  const missing = missingFrom(known, secret, attached).length;
  return missing > 0 || known.last?.byOthers || hasDrifted(known, attached) ? { missing } : null;
}

const isStale = ({ last }: KnownPolicy, attached: PolicyDocument | null, asOf: Date): boolean =>
  last?.beforeHash === policyHash(attached) && asOf.getTime() - Date.parse(last.at) < STALE_MS;

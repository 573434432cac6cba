import type { PolicyDocument, Statement } from '../policy/document.ts';
import type { Entry } from '../policy/entries/entry.ts';

export const auditActions = [
  'share',
  'deny',
  'restrict',
  'revoke',
  'replacePolicy',
  'deletePolicy',
  'rollback',
  'expire',
  'prune',
  'removeStatement',
  'adopt',
  'applyManifest',
  'restoreDrift',
  'drift',
  'createGrant',
  'revokeGrant',
  'requestApproval',
  'approve',
  'reject',
  'expireApproval',
  'refuseStored',
  'startOperation',
  'cancelOperation',
  'survey',
  'openFinding',
  'closeFinding',
  'acknowledgeFinding',
  'freeze',
  'evict',
  'lift',
] as const;
export type AuditAction = (typeof auditActions)[number];

export const auditOutcomes = ['applied', 'unchanged', 'refused', 'failed', 'unknown'] as const;
export type AuditOutcome = (typeof auditOutcomes)[number];

export type Actor = { subject: string; issuer: string | null; method: 'jwt' | 'apiKey' | 'none' | 'system' };
export type Source = { ip: string | null; userAgent: string | null };

/** What is recorded of one step. The journal adds id, sequence, time and the chain. */
export type EventDraft = {
  phase: 'intent' | 'outcome';
  changeId: string;
  actor: Actor;
  source: Source;
  requestId: string | null;
  traceId: string | null;
  action: AuditAction;
  secret: { arn: string | null; name: string; account: string | null; region: string | null };
  /** The request as it was accepted, without reason and ticket. Never a secret's value. */
  request: Record<string, unknown>;
  reason: string | null;
  ticket: string | null;
  policy: PolicyTransition | null;
  /** Of a drift that a change event led to; absent else. */
  reportedBy?: ReportedBy;
  /** null in an intent. */
  outcome: AuditOutcome | null;
  error: { code: string; message: string } | null;
  awsRequestId: string | null;
};

/** Who did something outside of this service, as an event of CloudTrail says that came in by a queue: nobody has verified it. */
export type ReportedBy = {
  /** Null where the event names none: of a caller of another account, or an AWS service. */
  arn: string | null;
  account: string | null;
  /** `PutResourcePolicy`, … */
  eventName: string;
  /** Finds it in CloudTrail. */
  eventId: string;
  /** RFC 3339 */
  eventTime: string;
  requestId: string | null;
};

/** The error of what was applied although another replica had the secret's lock by then, and had ended the intent. */
export const CONFLICT = {
  code: 'conflict',
  message: 'Another replica took this one for dead, and went on: what either of them changed may be undone.',
};

/** The document before and after; hashes are SHA-256 over the canonical policy (src/policy/canonical.ts), base64url. */
export type PolicyTransition = {
  before: PolicyDocument | null;
  after: PolicyDocument | null;
  beforeHash: string;
  afterHash: string;
  /** Entries of ours that somebody else dropped from the policy and nobody restored or revoked since; absent when none are. */
  missing?: Entry[];
  /** Denials of others that went together with those; absent when none did. */
  droppedDenials?: DroppedDenial[];
};

/** `changeId` is of the drift that dropped it: what was attached before can be brought back by it. Null in a dry run. */
export type DroppedDenial = { statement: Statement; changeId: string | null };

/**
 * One link of the chain. `hash` is SHA-256 (hex) over the RFC 8785 canonical JSON of the event without `hash`;
 * `previousHash` is the hash of the event before, 64 zeros for the first.
 */
export type AuditEvent = EventDraft & {
  /** UUIDv7 */
  id: string;
  /** 1, 2, 3 … without a gap. */
  sequence: number;
  /** RFC 3339 UTC with milliseconds. */
  time: string;
  previousHash: string;
  hash: string;
};

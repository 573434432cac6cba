import type { Generated } from 'kysely';
import type { ApprovalStatus } from '../access/approvals/approval.ts';
import type { BulkAction, BulkOperation, ItemStatus } from '../access/bulk/operation.ts';
import type { EventColumns } from '../audit/columns.ts';
import type { Exposure } from '../estate/exposure.ts';
import type { FindingKind, Severity } from '../estate/findings/finding.ts';

/** The tables. A migration that adds one adds its type here. Times are Unix milliseconds, so that both databases compare them alike. */
export type Schema = {
  audit_events: AuditEventRow;
  audit_chain: AuditChainRow;
  open_intents: OpenIntentRow;
  audit_checkpoints: CheckpointRow;
  audit_boundaries: CheckpointRow;
  idempotency_keys: IdempotencyRow;
  approvals: ApprovalRow;
  operations: OperationRow;
  operation_items: OperationItemRow;
  grants_due: { change_id: string; secret_arn: string; noted_at: number };
  expiries: { secret_arn: string; expires_at: number };
  journal_home: { id: number; identity: string };
  orphans: { secret_arn: string; entry_id: string; first_seen: number };
  estate_places: EstatePlaceRow;
  estate_secrets: EstateSecretRow;
  estate_keys: { id: string; facts: string; looked_at: number; arn: string | null };
  /** Of a secret and its replicas; `key` is the id of a row of `estate_keys`, which may not be there. */
  estate_secret_keys: { key: string; arn: string };
  estate_findings: EstateFindingRow;
  acknowledgements: AcknowledgementRow;
  estate_edges: { arn: string; principal: string; account: string };
};

/**
 * An event as it is kept: the canonical JSON that was hashed, word for word, and beside it the columns that the API
 * filters by. Verification holds the columns against the document.
 */
export type AuditEventRow = EventColumns & {
  /** SHA-256 (hex) of `document`. */
  hash: string;
  /** RFC 8785 JSON of the event without `hash`. */
  document: string;
};

/** One row: where the chain ends, and where what was archived ends. Locked while an append runs. */
type AuditChainRow = {
  id: Generated<number>;
  sequence: number;
  hash: string;
  archived_sequence: number;
  archived_hash: string;
};

/** Intents that have no outcome yet; kept in the transaction that appends, so that finding them never reads the journal. */
export type OpenIntentRow = {
  sequence: number;
  change_id: string;
  action: string;
  secret_arn: string | null;
  time_ms: number;
};

/** `signature` is Ed25519 (base64url) over the canonical JSON of {hash, sequence, time}. */
export type CheckpointRow = { sequence: number; hash: string; time: string; key_id: string; signature: string };

export type OperationRow = {
  id: string;
  action: BulkAction;
  status: BulkOperation['status'];
  /** JSON of who asked for what. */
  request: string;
  created_at: number;
  finished_at: number | null;
  owner: string | null;
  lease_until: number;
  /** `callerKey` of who asked; null where a replica of an older version wrote it. */
  requester: string | null;
  /** The incident that it is of; null for none. */
  incident: string | null;
};

export type OperationItemRow = {
  operation_id: string;
  position: number;
  status: ItemStatus;
  secret_id: string;
  /** JSON */
  request: string;
  /** Null where a version before seals stored it. */
  change_id: string | null;
  /** JSON */
  result: string | null;
  /** Says that this service stored it; null as above. */
  seal: string | null;
  /** Says that this service recorded its status; null where nothing was, or a version before that did. */
  status_seal: string | null;
};

export type IdempotencyRow = {
  /** SHA-256 of subject and key. */
  id: string;
  fingerprint: string;
  change_id: string;
  owner: string;
  lease_until: number;
  expires_at: number;
  /** JSON of {status, headers, body}; null while the first request is in flight. */
  response: string | null;
  /** Says that this service stored it; null where a version before seals did. */
  seal: string | null;
};

export type ApprovalRow = {
  /** The change's id: a UUIDv7, so that ids sort by time. */
  id: string;
  status: ApprovalStatus;
  expires_at: number;
  /** JSON of what never changes: what was asked for, by whom, of which group. */
  request: string;
  /** JSON; null while nobody has decided. */
  decision: string | null;
  /** JSON; null while nothing failed. */
  problem: string | null;
  /** Whose process it is that does what is left to do. */
  owner: string | null;
  /** Until when it is left to that one; null when nothing is left. */
  lease_until: number | null;
};

/** An account and Region of the estate, and how far its survey is. */
export type EstatePlaceRow = {
  account: string;
  region: string;
  /** When its next survey begins. */
  due_at: number;
  /** When the survey that is under way began; null where none is. */
  started_at: number | null;
  /** Where that goes on: AWS's token; null before its first page is done. */
  next_page: string | null;
  finished_at: number | null;
  /** What the last whole survey found. */
  secrets: number;
  failed_at: number | null;
  /** JSON of {code, detail}: why the last survey failed; null where it did not. */
  problem: string | null;
  owner: string | null;
  lease_until: number | null;
  /** When a process last had it in its list, give or take a minute. */
  kept_at: number | null;
};

export type EstateSecretRow = {
  arn: string;
  account: string;
  region: string;
  /** JSON of a Secret, as AWS described it. */
  secret: string;
  /** JSON as it was attached; null where none was, or it could not be seen. */
  policy: string | null;
  /** JSON of the versions and the keys that they are under; null where no survey saw it. */
  versions: string | null;
  /** Null where its policy was never seen. */
  exposure: Exposure | null;
  readers: number;
  denials: number;
  /** JSON of the kinds of what was found; null for none. */
  findings: string | null;
  /** JSON of {code, detail}: why it could not be looked at; null where it could. */
  problem: string | null;
  /** When a survey last met it. */
  seen_at: number;
  /** As of when the rest is: the time just before AWS was asked. */
  looked_at: number;
};

/** What somebody said of a finding, until when it holds. */
type AcknowledgementRow = {
  arn: string;
  kind: FindingKind;
  /** What it was about then. */
  about: string;
  /** JSON of by, at and reason. */
  said: string;
  until: number;
};

export type EstateFindingRow = {
  arn: string;
  /** By which it is asked for. */
  id: string;
  /** A hash of whom it is about. */
  about: string;
  kind: FindingKind;
  severity: Severity;
  since: number;
  detail: string;
  /** JSON of the call. */
  mend: string;
};

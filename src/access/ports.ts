import type { AuditAction, AuditEvent, AuditOutcome, EventDraft } from '../audit/event.ts';
import type { PolicyDocument } from '../policy/document.ts';
import type { Entry } from '../policy/entries/entry.ts';

/**
 * What the use cases need from outside, in our own types. Adapters live in src/aws, src/audit, src/database and
 * src/authorization; app.ts joins them. Every adapter fails with a DomainError (src/problems/problem.ts), never with the
 * error of the library behind it.
 */

/** A secret as DescribeSecret shows it. Its value is never read. */
export type Secret = {
  arn: string;
  name: string;
  description: string | null;
  partition: string;
  region: string;
  account: string;
  /** The customer managed key's id or ARN; null when the AWS managed key `aws/secretsmanager` encrypts the secret. */
  kmsKeyId: string | null;
  /** The AWS service that manages the secret, for example `rds`; null for a customer's own. */
  owningService: string | null;
  /** RFC 3339; null unless the secret is scheduled for deletion. */
  deletedAt: string | null;
  /** Set on replicas, and on primaries that have replicas. */
  primaryRegion: string | null;
  replicaRegions: string[];
  tags: Record<string, string>;
};

export type PolicyFinding = { check: string; message: string };
export type AwsReceipt = { awsRequestId: string | null };

/** Resource policies of secrets, one AWS call a method. `arn` is always a full secret ARN. */
export interface SecretPolicies {
  /** @param secretId a name (in the service's own account and Region) or a full ARN. @throws DomainError secret-not-found */
  describe(secretId: string): Promise<Secret>;
  /** null when no policy is attached. Never null because of an error: it throws instead. */
  get(arn: string): Promise<PolicyDocument | null>;
  /**
   * Replaces the whole policy, with BlockPublicPolicy. `text` is the JSON to attach, at most 20,480 characters. `held` is
   * asserted before every attempt: a later one of a replica that lost its lock would undo what the next holder did.
   */
  put(arn: string, text: string, held?: HeldLock): Promise<AwsReceipt>;
  /** Detaches the policy; succeeds when there is none. `held` as in `put`. */
  delete(arn: string, held?: HeldLock): Promise<AwsReceipt>;
  /** AWS's own ValidateResourcePolicy; empty when it passes. */
  validate(arn: string, text: string): Promise<PolicyFinding[]>;
}

export type SecretSummary = Pick<
  Secret,
  'arn' | 'name' | 'description' | 'kmsKeyId' | 'owningService' | 'deletedAt' | 'primaryRegion' | 'tags'
>;

export interface SecretDirectory {
  /** @param limit 1 to 1,000. `nextCursor` is opaque. */
  list(query: {
    namePrefix?: string;
    limit: number;
    cursor?: string;
  }): Promise<{ items: SecretSummary[]; nextCursor: string | null }>;
}

/** A key as DescribeKey shows it. */
export type Key = { arn: string; account: string; manager: 'AWS' | 'CUSTOMER'; enabled: boolean };
export type KeyGrant = {
  grantId: string;
  name: string | null;
  granteePrincipal: string;
  operations: string[];
  secretArn: string | null;
};

/** KMS keys that encrypt secrets. `region` is the secret's: the key id of a secret is read there. */
export interface Keys {
  describe(keyId: string, region: string, account: string): Promise<Key>;
  policy(key: Key): Promise<PolicyDocument>;
  grants(key: Key): Promise<KeyGrant[]>;
  /** Decrypt and DescribeKey, for this one secret only (EncryptionContextSubset SecretARN). `name` leads back to the change. */
  createGrant(
    key: Key,
    grant: { principal: string; secretArn: string; name: string },
  ): Promise<{ grantId: string } & AwsReceipt>;
  revokeGrant(key: Key, grantId: string): Promise<AwsReceipt>;
}

/** The gate: what is not durably appended did not happen, and must not. Events of one call are one transaction. */
export interface AuditJournal {
  /** @throws DomainError audit-unavailable, also when the database does not answer within the time limit */
  append(drafts: readonly EventDraft[]): Promise<AuditEvent[]>;
  /** The policy as the last recorded change (or drift) of the secret left it; null when none is recorded. */
  lastPolicy(secretArn: string): Promise<KnownPolicy | null>;
  /** The secret's intents that have no outcome, oldest first: a process died, or the database was lost, in between. */
  openIntents(secretArn: string): Promise<AuditEvent[]>;
}

/** `hashes`: more than one where the outcome of the last change is unknown, so that either document may be attached. */
export type KnownPolicy = { document: PolicyDocument | null; hashes: string[]; missing: Entry[] };

/** Every member given must match. `secret` is a full ARN or a name (in any account and Region); times are inclusive. */
export type AuditFilter = {
  secret?: string;
  actor?: string;
  action?: AuditAction;
  outcome?: AuditOutcome;
  from?: Date;
  to?: Date;
  changeId?: string;
};

/** The journal read back. Each method @throws DomainError audit-unavailable. */
export interface AuditTrail {
  /** Newest first. @param limit 1 to 1,000. @throws DomainError validation-failed for a cursor that is none of ours */
  list(
    filter: AuditFilter,
    page: { limit: number; cursor?: string },
  ): Promise<{ items: AuditEvent[]; nextCursor: string | null }>;
  /** Newest first, all of them, a batch in memory at a time. Events appended meanwhile are left out. */
  stream(filter: AuditFilter): AsyncIterable<AuditEvent>;
  find(id: string): Promise<AuditEvent | null>;
  /** In the order of the chain. */
  eventsOfChange(changeId: string): Promise<AuditEvent[]>;
  /** Intents that have no outcome, the oldest 1,000, oldest first. */
  unfinishedIntents(which?: { olderThan?: Date }): Promise<AuditEvent[]>;
}

export type StoredResponse = { status: number; headers: Record<string, string>; body: string };

/** Answers that are kept for Idempotency-Keys, over all replicas. Each method @throws DomainError audit-unavailable. */
export interface IdempotencyStore {
  /**
   * Claims a key for one request. Of several callers exactly one gets `started`, or `abandoned` when the process that
   * had the key died: that one now owns it and finishes the change `changeId`. `fingerprint` stands for the request.
   */
  begin(claim: {
    subject: string;
    key: string;
    fingerprint: string;
    changeId: string;
  }): Promise<
    | { state: 'started' }
    | { state: 'replay'; response: StoredResponse }
    | { state: 'inFlight'; changeId: string }
    | { state: 'mismatch' }
    | { state: 'abandoned'; changeId: string }
  >;
  /** Keeps the answer for 24 h after `begin`. False when another replica has taken the key over meanwhile: its answer stands. */
  complete(claim: { subject: string; key: string }, response: StoredResponse): Promise<boolean>;
  /** The owner of an abandoned key found nothing to finish, and does the request as another change. */
  restart(claim: { subject: string; key: string }, changeId: string): Promise<void>;
  /** Leaves the key to the next caller, as after a crash: what became of the change is not known yet. */
  abandon(claim: { subject: string; key: string }): Promise<void>;
  /** Forgets the key: nothing was done, so the same request may run anew. */
  release(claim: { subject: string; key: string }): Promise<void>;
  /** Deletes what has expired; how many. */
  purge(): Promise<number>;
  /** Ends the renewal of leases; keys in flight are then taken over when theirs run out. */
  close(): void;
}

/** When to look at a secret again. Each method @throws DomainError audit-unavailable. */
export interface FollowUps {
  /** Entries of the secret that expire at these times are about to be attached. */
  noteExpiries(secretArn: string, times: readonly Date[]): Promise<void>;
  /** Secrets with entries that have expired. */
  expired(now: Date, limit: number): Promise<string[]>;
  forgetExpiries(secretArn: string, until: Date): Promise<void>;
  /** Remembers orphaned entries, and says since when each has been seen. */
  noteOrphans(secretArn: string, entryIds: readonly string[], now: Date): Promise<Map<string, Date>>;
}

/** One holder per secret at a time, over all replicas of the service. */
export interface SecretLock {
  /** @throws DomainError overloaded when the lock is not free within the time limit; audit-unavailable when the database is lost */
  withLock<T>(secretArn: string, work: (held: HeldLock) => Promise<T>): Promise<T>;
}

export type HeldLock = {
  /** Called right before AWS is asked to change anything. @throws DomainError audit-unavailable when the lock was lost */
  assertHeld(): void;
};

/** Who calls us. `scopes` are `policy:read`, `policy:write`, `audit:read`; `groups` come from the token or the key file. */
export type Identity = {
  subject: string;
  issuer: string | null;
  method: 'jwt' | 'apiKey' | 'none' | 'system';
  groups: string[];
  scopes: string[];
};

export interface Authenticator {
  /** @throws DomainError unauthenticated (plain words: missing, expired, wrong audience …; never why a signature failed in detail) */
  authenticate(credentials: { authorization?: string; apiKey?: string }): Promise<Identity>;
}

/** What a guardrail is asked. Context attributes are the request's, in our own terms. */
export type AuthorizationRequest = {
  identity: Identity;
  action: GuardedAction;
  /** null where the call is not about one secret (lists, audit). */
  secret: Pick<Secret, 'arn' | 'name' | 'account' | 'region' | 'tags'> | null;
  context: {
    /** The ARN (root ARN for an account) that a share or denial names. */
    principal?: string;
    principalAccount?: string;
    organization?: string;
    actions?: string[];
    /** Condition keys that narrow the statement, in AWS's spelling: `aws:SourceVpce`, `secretsmanager:VersionStage`. */
    conditionKeys?: string[];
    /** RFC 3339 */
    expiresAt?: string;
    /** Seconds from now until expiresAt. */
    lifetimeSeconds?: number;
    hasReason: boolean;
    hasTicket: boolean;
    /** The request lets the grantee change the policy itself. */
    escalates: boolean;
    dryRun: boolean;
  };
};
export const guardedActions = [
  'listSecrets',
  'readSecret',
  'readPolicy',
  'checkAccess',
  'share',
  'deny',
  'restrict',
  'revokeShare',
  'revokeDenial',
  'revokeRestriction',
  'replacePolicy',
  'deletePolicy',
  'rollback',
  'restoreDrift',
  'prune',
  'readAudit',
  'readTemplates',
  'approve',
] as const;
export type GuardedAction = (typeof guardedActions)[number];

export type AuthorizationDecision =
  | {
      allowed: true /** group whose member must approve first; null when none must */;
      approval: string | null;
      policies: string[];
    }
  | {
      allowed: false /** ids of the guardrails that forbade it; empty when nothing permitted it */;
      policies: string[];
    };

export interface Authorizer {
  decide(request: AuthorizationRequest): AuthorizationDecision;
}

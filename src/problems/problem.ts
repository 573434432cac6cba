/**
 * What can go wrong, in the domain's own words. No HTTP in here: plugins/problems maps each code to a status,
 * a title and a page that says what to do.
 */
export const problemCodes = [
  'validation-failed',
  'malformed-json',
  'malformed-request',
  'unauthenticated',
  'forbidden',
  'secret-not-found',
  'share-not-found',
  'denial-not-found',
  'restriction-not-found',
  'change-not-found',
  'template-not-found',
  'event-not-found',
  'operation-not-found',
  'approval-not-found',
  'route-not-found',
  'method-not-allowed',
  'request-timeout',
  'secret-pending-deletion',
  'secret-managed-by-service',
  'secret-is-replica',
  'idempotency-in-flight',
  'approval-closed',
  'policy-changed',
  'precondition-required',
  'body-too-large',
  'url-too-long',
  'headers-too-large',
  'unsupported-media-type',
  'policy-malformed',
  'principal-not-found',
  'policy-public',
  'policy-too-large',
  'policy-locks-out-caller',
  'kms-key-not-shareable',
  'partition-mismatch',
  'escalation-not-acknowledged',
  'idempotency-key-reused',
  'rate-limited',
  'internal-error',
  'aws-access-denied',
  'aws-error',
  'aws-throttled',
  'aws-unreachable',
  'audit-unavailable',
  'overloaded',
] as const;

export type ProblemCode = (typeof problemCodes)[number];

/** One field that was refused: `path` is a JSON Pointer into the body (or `query/…`, `params/…`, `headers/…`). */
export type FieldError = { path: string; message: string };

export type ProblemFacts = {
  /** Fields refused, for validation-failed. */
  errors?: FieldError[];
  /** The request id AWS gave, which joins our audit log to CloudTrail. */
  awsRequestId?: string;
  /** Seconds after which a retry makes sense (Retry-After); only for the codes that are retryable. */
  retryAfter?: number;
  /**
   * Set when a change may have happened although it failed: AWS was asked and the answer was lost (time-out, connection
   * lost, 5xx). Absent when it surely did not happen. Read the policy before saying anything about the outcome.
   */
  uncertain?: true;
  /** Further members of the problem document (RFC 9457 section 3.2), for example sizes. Never secrets or internals. */
  extensions?: Record<string, unknown>;
  cause?: unknown;
};

/** A refusal or failure with a code that callers can act on. `message` is shown to the caller: plain words, no internals. */
export class DomainError extends Error {
  readonly code: ProblemCode;
  readonly facts: ProblemFacts;

  constructor(code: ProblemCode, message: string, facts: ProblemFacts = {}) {
    super(message, facts.cause === undefined ? undefined : { cause: facts.cause });
    this.name = 'DomainError';
    this.code = code;
    this.facts = facts;
  }
}

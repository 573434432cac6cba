import { catalogue } from './catalogue.ts';
import type { DomainError } from './problem.ts';

/** What leads from a problem to the log, the trace and the audit log. */
export type ProblemIds = { requestId: string; traceId?: string; changeId?: string };

/** The document for an error. */
export function problemOf(error: DomainError, ids: ProblemIds) {
  const { status, title, retryable } = catalogue[error.code];
  const { errors, awsRequestId, extensions } = error.facts;
  return {
    ...extensions,
    type: `/problems/${error.code}`,
    title,
    status,
    detail: error.message,
    code: error.code,
    ...ids,
    retryable,
    ...(errors && { errors }),
    ...(awsRequestId !== undefined && { awsRequestId }),
  };
}

import { DomainError } from './problem.ts';
import { type ProblemCode, problems } from './table.ts';

/** What leads from a problem to the log, the trace and the audit log. */
type ProblemIds = { requestId: string; traceId?: string; changeId?: string };

/** The document for an error. */
export function problemOf({ code, message, facts, members, isRetryable }: DomainError, ids: ProblemIds) {
  const { status, title } = problems[code];
  const { errors, awsRequestId, awsError } = facts;
  return {
    ...members,
    ...(awsError !== undefined && { awsError }),
    type: `/problems/${code}`,
    title,
    status,
    detail: message,
    code,
    ...ids,
    retryable: isRetryable,
    ...(errors && { errors }),
    ...(awsRequestId !== undefined && { awsRequestId }),
  };
}

/** The document for a typical case of a code. */
export const exampleOf = (code: ProblemCode) =>
  problemOf(new DomainError(code, problems[code].example), { requestId: '0199b2c4-6f0e-7cc1-9b0a-2f6f1d3c5a77' });

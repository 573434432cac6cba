import { DomainError } from '../problems/problem.ts';

/** The one failure callers of the database see. The library's own error stays behind as the cause, for the log. */
export const auditUnavailable = (why: string, cause?: unknown): DomainError =>
  new DomainError('audit-unavailable', { why, cause });

/**
 * Runs database work at the edge of an adapter.
 * @throws DomainError audit-unavailable in place of any error of the library; a DomainError passes as it is
 */
export const atTheEdge = async <T>(work: () => Promise<T>): Promise<T> => {
  try {
    return await work();
  } catch (error) {
    if (error instanceof DomainError) throw error;
    throw new DomainError('audit-unavailable', { cause: error });
  }
};

/** The lock of a secret was not free in time. */
export const lockBusy = (cause?: unknown): DomainError =>
  new DomainError('overloaded', {
    why: 'Too many changes wait for this secret. Try again in a moment.',
    retryAfter: 1,
    cause,
  });

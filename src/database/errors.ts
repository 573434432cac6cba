import { DomainError } from '../problems/problem.ts';

/** Seconds after which a caller may try again: a failover or a restart of the database takes about that long. */
const RETRY_AFTER = 5;

/** The one failure callers of the database see. The library's own error stays behind as the cause, for the log. */
export const auditUnavailable = (message: string, cause?: unknown): DomainError =>
  new DomainError('audit-unavailable', message, { retryAfter: RETRY_AFTER, cause });

/**
 * Runs database work at the edge of an adapter.
 * @throws DomainError audit-unavailable in place of any error of the library; a DomainError passes as it is
 */
export const atTheEdge = async <T>(work: () => Promise<T>): Promise<T> => {
  try {
    return await work();
  } catch (error) {
    if (error instanceof DomainError) throw error;
    throw auditUnavailable('The audit database failed or did not answer in time.', error);
  }
};

/** The lock of a secret was not free in time. */
export const lockBusy = (cause?: unknown): DomainError =>
  new DomainError('overloaded', 'Too many changes wait for this secret. Try again in a moment.', {
    retryAfter: 1,
    cause,
  });

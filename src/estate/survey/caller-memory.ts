import { type Clock, isWithin } from '../../clock.ts';
import { DomainError } from '../../problems/problem.ts';

/** How long STS is left alone that did not say who we are: every secret of a survey would wait for it anew. */
const AGAIN_MS = 60_000;

/**
 * The ARN of this service in an account; null where STS does not say, also a minute ago: then nothing is found that hangs on
 * it.
 */
export function createCallerMemory(
  callerIn: (account: string) => Promise<string>,
  clock: Clock,
): (account: string) => Promise<string | null> {
  let failedAt = Number.NEGATIVE_INFINITY;
  return async (account) => {
    if (isWithin(AGAIN_MS, failedAt, clock().getTime())) return null;
    try {
      return await callerIn(account);
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      failedAt = clock().getTime();
      return null;
    }
  };
}

import { useEffect } from 'preact/hooks';
import { api, ask, Refused } from './api.js';
import { useAsked } from './asked.js';

/** @import { components } from '../client/schema.d.ts' */
/** @typedef {components['schemas']['AuthorizationAnswer']} Answer */
/** @typedef {Answer['action']} Action */

/** A call that says all that one may ask for: what a real one still lacks, its refusal says. */
const wellFounded = () => ({
  ...{ reason: 'May it be offered?', ticket: 'any' },
  expiresAt: new Date(Date.now() + SOON_MS).toISOString(),
});
/** Milliseconds. An hour is within any limit that a guardrail sets. */
const SOON_MS = 3_600_000;
/** Milliseconds until they are asked again who could not say it, unless they said when. */
const AGAIN_MS = 3_000;

/**
 * What the guardrails let this caller do with a secret: nothing, until they have said so. What they do not allow is not
 * offered.
 * @param {string} [secretId] left out: what is about no secret
 * @returns {(action: Action) => Answer | undefined} what is said of what is allowed
 */
export function useCan(secretId) {
  const { data, error, again } = useAsked(
    (signal) => ask(api.POST('/v1/authorization-checks', { signal, body: { ...wellFounded(), secretId } })),
    [secretId],
  );
  // Nobody sees that a button is not there: where it is not known whether it may be, it is asked again.
  useEffect(() => {
    if (!(error instanceof Refused && error.mayPass)) return undefined;
    const timer = setTimeout(again, (error.retryAfter ?? 0) * 1_000 || AGAIN_MS);
    return () => clearTimeout(timer);
  }, [error]);
  return (action) => data?.items.find((one) => one.action === action && one.allowed);
}

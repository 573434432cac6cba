import { api, ask } from './api.js';
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

/**
 * What the guardrails let this caller do with a secret: nothing, until they have said so. What they do not allow is not
 * offered.
 * @param {string} [secretId] left out: what is about no secret
 * @returns {(action: Action) => Answer | undefined} what is said of what is allowed
 */
export function useCan(secretId) {
  const { data } = useAsked(
    (signal) => ask(api.POST('/v1/authorization-checks', { signal, body: { ...wellFounded(), secretId } })),
    [secretId],
  );
  return (action) => data?.items.find((one) => one.action === action && one.allowed);
}

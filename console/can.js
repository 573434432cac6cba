import { api, ask } from './api.js';
import { useAsked } from './asked.js';

/** @import { components } from '../client/schema.d.ts' */
/** @typedef {components['schemas']['AuthorizationAnswer']} Answer */
/** @typedef {Answer['action']} Action */

/**
 * What the guardrails let this caller do with a secret: nothing, until they have said so. What they do not allow is not
 * offered.
 * @param {string} [secretId] left out: what is about no secret
 * @returns {(action: Action) => Answer | undefined} what is said of what is allowed
 */
export function useCan(secretId) {
  const { data } = useAsked(
    (signal) => ask(api.POST('/v1/authorization-checks', { signal, body: secretId === undefined ? {} : { secretId } })),
    [secretId],
  );
  return (action) => data?.items.find((one) => one.action === action && one.allowed);
}

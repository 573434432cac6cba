import { allOf, api, ask, of, Refused } from './api.js';

/** @import { components } from '../client/schema.d.ts' */
/** @typedef {components['schemas']['ReaderPage']} Page */

/** It is asked again so often when somebody changes it meanwhile. */
const TRIES = 3;

/**
 * All pages of who reads a secret, and the policy that they were judged by, not one of before or after: what is quoted of
 * it is quoted by its place.
 * @param {string} secretId
 * @param {AbortSignal} signal
 */
export async function secretAt(secretId, signal) {
  for (let attempt = 1; attempt <= TRIES; attempt += 1) {
    const { path, query } = of(secretId);
    const pages = /** @type {Page[]} */ ([]);
    const [policy, readers] = await Promise.all([
      ask(api.GET('/v1/secrets/{secretId}/policy', { signal, params: { path, query } })),
      allOf(async (cursor) => {
        const paged = { path, query: { ...query, limit: 1000, cursor } };
        const page = await ask(api.GET('/v1/secrets/{secretId}/readers', { signal, params: paged }));
        pages.push(page);
        return page;
      }),
    ]);
    const last = pages.at(-1);
    if (last && pages.every(({ etag }) => etag === policy.etag))
      return { policy, readers, denied: last.denied, notes: last.notes };
  }
  throw new Refused({
    title: 'The policy is being changed.',
    detail: 'Who may read was found out by another version of it than the one that is here now.',
    retryable: true,
  });
}

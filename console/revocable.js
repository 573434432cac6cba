import { allOf, api, ask, of } from './api.js';
import { whom } from './whom.js';

/** @import { Entry } from './words.js' */
/** @typedef {{ secretId: string, who?: string }} Pair `who` is left out for all of its kind */
/** @typedef {Pick<Entry, 'kind' | 'id'> & { secretId: string }} Revocation */

/**
 * The entries of a kind that pairs of a secret and who mean, by their ids: all of each pair, and those of nobody else.
 * @param {Pair[]} pairs
 * @param {Entry['kind']} kind
 * @param {AbortSignal} signal
 * @returns {Promise<{ items: Revocation[], without: Pair[] }>} `without`: pairs that mean none
 */
export async function revocable(pairs, kind, signal) {
  const items = /** @type {Revocation[]} */ ([]);
  const without = /** @type {Pair[]} */ ([]);
  for (const [secretId, some] of Map.groupBy(pairs, (pair) => pair.secretId)) {
    const { path, query } = of(secretId);
    const entries = await allOf((cursor) =>
      ask(PAGES[kind]({ signal, params: { path, query: { ...query, limit: 1000, cursor } } })),
    );
    for (const pair of some) {
      const { who } = pair;
      const found = who === undefined ? entries : entries.filter((entry) => isAbout(entry, who));
      if (found.length === 0) without.push(pair);
      items.push(...found.map(({ id }) => ({ secretId, kind, id })));
    }
  }
  return { items, without };
}

/** @typedef {{ signal: AbortSignal, params: { path: { secretId: string }, query: { secretId: string, limit: number, cursor: string | undefined } } }} Asked */

const PAGES = {
  share: (/** @type {Asked} */ asked) => api.GET('/v1/secrets/{secretId}/shares', asked),
  denial: (/** @type {Asked} */ asked) => api.GET('/v1/secrets/{secretId}/denials', asked),
  restriction: (/** @type {Asked} */ asked) => api.GET('/v1/secrets/{secretId}/restrictions', asked),
};

/** @param {Entry} entry @param {string} who */
function isAbout(entry, who) {
  const { principal, organization, organizationalUnit, permissionSet } = whom(who).request;
  if (principal !== undefined)
    return [entry.principal, entry.account].some((one) => one && plain(one) === plain(principal));
  if (organization !== undefined) return entry.organization === organization;
  if (permissionSet !== undefined)
    return entry.permissionSet?.name === permissionSet.name && entry.permissionSet.account === permissionSet.account;
  return organizationalUnit !== undefined && entry.organizationalUnit === organizationalUnit;
}

/** An account by its number, as people write it. @param {string} principal */
const plain = (principal) => principal.replace(/^arn:[\w-]+:iam::(\d{12}):root$/, '$1');

import { allOf, api, ask, of } from './api.js';
import { whom } from './whom.js';

/** @import { components } from '../client/schema.d.ts' */
/** @typedef {{ secretId: string, who: string }} Pair */
/** @typedef {{ secretId: string, kind: 'share', id: string }} Revocation */

/**
 * The shares that pairs of a secret and who mean, by their ids: all of each pair, and those of nobody else.
 * @param {Pair[]} pairs
 * @returns {Promise<{ items: Revocation[], without: Pair[] }>} `without`: pairs that are not shared
 */
export async function revocable(pairs) {
  const items = /** @type {Revocation[]} */ ([]);
  const without = /** @type {Pair[]} */ ([]);
  for (const [secretId, some] of Map.groupBy(pairs, (pair) => pair.secretId)) {
    const { path, query } = of(secretId);
    const shares = await allOf((cursor) =>
      ask(api.GET('/v1/secrets/{secretId}/shares', { params: { path, query: { ...query, limit: 1000, cursor } } })),
    );
    for (const pair of some) {
      const found = shares.filter((share) => isWith(share, pair.who));
      if (found.length === 0) without.push(pair);
      items.push(...found.map(({ id }) => ({ secretId, kind: /** @type {const} */ ('share'), id })));
    }
  }
  return { items, without };
}

/** @param {components['schemas']['AccessEntry']} share @param {string} who */
function isWith(share, who) {
  const { principal, organization, organizationalUnit } = whom(who).request;
  if (principal !== undefined) return share.principal !== undefined && plain(share.principal) === plain(principal);
  if (organization !== undefined) return share.organization === organization;
  return organizationalUnit !== undefined && share.organizationalUnit === organizationalUnit;
}

/** An account by its number, as people write it. @param {string} principal */
const plain = (principal) => principal.replace(/^arn:[\w-]+:iam::(\d{12}):root$/, '$1');

import { api, ask } from './api.js';
import { to } from './router.js';
import { readable, when } from './words.js';

/** @import { components } from '../client/schema.d.ts' */
/** @import { Found } from './home.js' */
/** @typedef {components['schemas']['RecordedChange']} Recorded */

const FEW = 5;
/** The service names no more of them. */
const MOST_FAILURES = 100;

/** What was done in 7 days, or was refused. @param {AbortSignal} signal @param {{ outcome: 'refused' | 'applied' }} query @returns {Promise<Found>} */
export async function changes(signal, query) {
  const params = { query: /** @type {const} */ ({ ...query, view: 'changes', since: '7d', limit: 4 * FEW }) };
  const { items, nextCursor } = /** @type {{ items: Recorded[], nextCursor: string | null }} */ (
    await ask(api.GET('/v1/audit-events', { signal, params }))
  );
  return {
    ...{ isPart: nextCursor !== null, count: items.length },
    lines: items.slice(0, FEW).map(({ changeId, summary, secret, actor, time }) => ({
      ...{ key: changeId, words: readable(summary), href: to('audit', changeId) },
      also: [secret.name === '*' ? '' : secret.name, actor.subject, when(time)].filter(Boolean).join(', '),
    })),
  };
}

/** What could not be looked at, and why. @param {AbortSignal} signal @returns {Promise<Found>} */
export async function unseen(signal) {
  const { failures, places } = await ask(api.GET('/v1/estate', { signal }));
  const left = places.total - places.surveyed;
  const none =
    places.surveyed === 0
      ? 'Not looked yet.'
      : left > 0
        ? `${left} of ${places.total} places were not seen yet.`
        : undefined;
  const lines = failures.slice(0, FEW).map(({ account, region, secret, detail }, index) => ({
    ...{
      key: String(index),
      words: `${secret?.name ?? account} in ${region}`,
      href: to('estate'),
      also: readable(detail),
    },
  }));
  return {
    lines,
    count: failures.length,
    isPart: failures.length === MOST_FAILURES,
    ...(none !== undefined && { none }),
  };
}

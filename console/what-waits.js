import { api, ask, itemsOf } from './api.js';
import { waiting } from './waiting.js';

const PAGE = 50;
const MOST_PAGES = 3;

/** The changes that wait for whoever looks, the newest first: the rail counts them from then on. @param {AbortSignal} signal */
export async function whatWaits(signal) {
  const query = /** @type {const} */ ({ waitingFor: 'me', limit: PAGE });
  const { items, isWhole } = await itemsOf(
    (cursor) => ask(api.GET('/v1/approvals', { signal, params: { query: { ...query, cursor } } })),
    MOST_PAGES,
  );
  waiting.value = { count: items.length, isPart: !isWhole };
  return { items, isPart: !isWhole };
}

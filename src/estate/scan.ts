import { setImmediate as nextTurn } from 'node:timers/promises';
import { fromCursor, type Page, type PageRequest, toCursor } from '../page.ts';
import type { IndexedSecret } from './estate-index.ts';

/** Rows read at once: a policy has up to 20 kB. */
const CHUNK = 50;
/** Rows looked at for one page, however few of them are on it. */
const MOST = 1_000;

/** From this ARN on, '' for the beginning: what comes next, at most so many. */
type Source = (from: { after: string; limit: number }) => Promise<IndexedSecret[]>;

/**
 * A page of what is found among secrets: bounded work, so that it may hold fewer than `limit`, or none, with a nextCursor.
 * @param find undefined for what is not on the list
 */
export async function scanPage<Item>(
  source: Source,
  find: (seen: IndexedSecret) => Promise<Item | undefined>,
  { limit, cursor }: PageRequest,
): Promise<Page<Item>> {
  const items: Item[] = [];
  let after = cursor === undefined ? '' : fromCursor(cursor, (arn) => (arn.startsWith('arn:') ? arn : undefined));
  for (let looked = 0; looked < MOST; ) {
    const chunk = await source({ after, limit: CHUNK });
    for (const seen of chunk) {
      const item = await find(seen);
      looked += 1;
      after = seen.secret.arn;
      if (item !== undefined) items.push(item);
      if (items.length === limit) return { items, nextCursor: toCursor(after) };
      await nextTurn();
    }
    if (chunk.length < CHUNK) return { items, nextCursor: null };
  }
  return { items, nextCursor: toCursor(after) };
}

import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Secret } from '../../access/secret.ts';
import { fromCursor, type Page, type PageRequest, toCursor } from '../../page.ts';
import { createGate } from '../../turns/gate.ts';
import type { IndexedSecret } from '../estate-index.ts';

/** Rows read at once: a policy has up to 20 kB. */
const CHUNK = 50;
/** Rows looked at for one page, however few of them are on it. */
const MOST = 1_000;
/** Chunks of all pages that are judged at once: more would end no sooner, and each holds the policies of its rows. */
const judging = createGate(4);

/** What comes after a position, '' for the beginning: at most so many. */
type Source<Row> = {
  rows(from: { after: string; limit: number }): Promise<Row[]>;
  /** Where a row stands: what asks for those after it. */
  placeOf(row: Row): string;
};

/**
 * A page of what is found among rows: bounded work, so that it may hold fewer than `limit`, or none, with a nextCursor.
 * @param find undefined for what is not on the list
 */
export async function scanPage<Row, Item>(
  { rows, placeOf }: Source<Row>,
  find: (row: Row) => Promise<Item | undefined>,
  { limit, cursor }: PageRequest,
): Promise<Page<Item>> {
  const items: Item[] = [];
  let after = cursor === undefined ? '' : fromCursor(cursor, (place) => (place.startsWith('arn:') ? place : undefined));
  const isFull = () => items.length === limit;
  /** @returns how many rows there were */
  const scan = async (): Promise<number> => {
    const chunk = await rows({ after, limit: CHUNK });
    for (const row of chunk) {
      const item = await find(row);
      after = placeOf(row);
      if (item !== undefined) items.push(item);
      if (isFull()) break;
      await nextTurn();
    }
    return chunk.length;
  };
  for (let scanned = 0; scanned < MOST; scanned += CHUNK) {
    const found = await judging('pages', scan);
    if (isFull()) break;
    if (found < CHUNK) return { items, nextCursor: null };
  }
  return { items, nextCursor: toCursor(after) };
}

/** Secrets stand by their ARNs. */
export const arnOf = ({ secret }: IndexedSecret): string => secret.arn;

/** What a secret is looked up by at once, where it is given by its ARN. */
export const arnIn = (secret: string | undefined): string | undefined =>
  secret?.startsWith('arn:') ? secret : undefined;

/** Whether it is the one that is asked for, if one is. */
export const isOne = ({ arn, name }: Pick<Secret, 'arn' | 'name'>, secret: string | undefined): boolean =>
  secret === undefined || [arn, name].includes(secret);

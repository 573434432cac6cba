import { DomainError } from './problems/problem.ts';

/** A part of a list; `nextCursor` asks for the next one, is opaque to callers, and null at the end. */
export type Page<T> = { items: T[]; nextCursor: string | null };

/** Which part: without a cursor the first. */
export type PageRequest = { limit: number; cursor?: string | undefined };

/** A page of a list that is in memory, in the order of its keys: stable while others come and go. */
export function pageOf<T>(
  all: readonly T[],
  keyOf: (item: T) => string,
  { limit = 100, cursor }: Partial<PageRequest>,
): Page<T> {
  const after = cursor === undefined ? '' : fromCursor(cursor, (key) => key || undefined);
  const rest = all
    .map((item) => ({ item, key: keyOf(item) }))
    .filter(({ key }) => key > after)
    .sort((a, b) => (a.key < b.key ? -1 : 1));
  const { items, nextCursor } = cutPage(rest, limit, ({ key }) => key);
  return { items: items.map(({ item }) => item), nextCursor };
}

/** The first `limit` of what comes next in a list. One more than that, if it is there, only says that there is more. */
export function cutPage<T>(next: readonly T[], limit: number, positionOf: (item: T) => string): Page<T> {
  const last = next[limit - 1];
  return {
    items: next.slice(0, limit),
    nextCursor: next.length > limit && last !== undefined ? toCursor(positionOf(last)) : null,
  };
}

/** The cursor of a position, which `fromCursor` reads. */
export const toCursor = (position: string): string => Buffer.from(position).toString('base64url');

/**
 * The position that a page before ended at.
 * @param read undefined for what is no position in this list
 * @throws DomainError validation-failed for a cursor that this list did not give
 */
export function fromCursor<Position>(cursor: string, read: (position: string) => Position | undefined): Position {
  const text = Buffer.from(cursor, 'base64url').toString();
  const position = toCursor(text) === cursor ? read(text) : undefined;
  if (position !== undefined) return position;
  throw new DomainError('validation-failed', {
    why: 'This is not a cursor that this list gave.',
    errors: [{ path: '/querystring/cursor', message: 'must be the nextCursor of the page before' }],
  });
}

import { DomainError } from '../../problems/problem.ts';

export type Page<T> = { items: T[]; nextCursor: string | null };

/** A page of a list that is in memory, in the order of its keys: stable while others come and go. */
export function pageOf<T>(
  all: readonly T[],
  keyOf: (item: T) => string,
  { limit = 100, cursor }: { limit?: number; cursor?: string },
): Page<T> {
  const after = cursor === undefined ? '' : decodeCursor(cursor);
  const rest = all
    .map((item) => ({ item, key: keyOf(item) }))
    .filter(({ key }) => key > after)
    .sort((a, b) => (a.key < b.key ? -1 : 1));
  const last = rest[limit - 1];
  return {
    items: rest.slice(0, limit).map(({ item }) => item),
    nextCursor: rest.length > limit && last !== undefined ? encodeCursor(last.key) : null,
  };
}

/** Opaque to callers. */
export const encodeCursor = (key: string): string => Buffer.from(key).toString('base64url');

/** @throws DomainError validation-failed */
export function decodeCursor(cursor: string): string {
  const key = Buffer.from(cursor, 'base64url').toString('utf8');
  if (key !== '' && Buffer.from(key).toString('base64url') === cursor) return key;
  throw new DomainError('validation-failed', 'This is not a cursor that a list gave.', {
    errors: [{ path: '/querystring/cursor', message: 'must be the nextCursor of the page before' }],
  });
}

import { AwsError } from './errors.ts';

/**
 * One page of a sorted list, by key: what is added or removed between two pages disturbs nothing.
 * @param keyOf the sort key, unique; `items` are in its order
 * @param token what the page before gave as `next`
 * @throws AwsError `tokenError` when the token is not one of ours
 */
export function pageOf<T>(
  items: readonly T[],
  keyOf: (item: T) => string,
  limit: number,
  token: string | undefined,
  tokenError: string,
  descending = false,
): { items: T[]; next: string | undefined } {
  const after = token === undefined ? undefined : decode(token);
  if (token !== undefined && after === undefined) throw new AwsError(tokenError, 'The token is not valid.');
  const rest = items.filter((item) => after === undefined || (descending ? keyOf(item) < after : keyOf(item) > after));
  const page = rest.slice(0, limit);
  const last = page.at(-1);
  return { items: page, next: rest.length > limit && last !== undefined ? encode(keyOf(last)) : undefined };
}

const encode = (key: string): string => Buffer.from(`after:${key}`).toString('base64url');

function decode(token: string): string | undefined {
  const text = Buffer.from(token, 'base64url').toString();
  return text.startsWith('after:') ? text.slice('after:'.length) : undefined;
}

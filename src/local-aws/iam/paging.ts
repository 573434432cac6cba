import { optional, text } from '../protocol/input.ts';
import { pageOf } from '../protocol/paging.ts';

/** Of IAM's lists, which come in a hundred unless asked otherwise. */
export const Paging = { MaxItems: optional(text(1, 4, String.raw`^\d+$`)), Marker: optional(text(1, 5_000)) };

export function paged(names: readonly string[], { MaxItems = '100', Marker }: { MaxItems?: string; Marker?: string }) {
  const sorted = names.toSorted();
  const { items, next } = pageOf(sorted, (name) => name, Number(MaxItems), Marker, 'ValidationException');
  return { items, IsTruncated: next !== undefined, ...(next !== undefined && { Marker: next }) };
}

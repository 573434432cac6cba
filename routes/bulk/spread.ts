import { wrongField } from '../../src/problems/wrong-field.ts';
import { MAX_ITEMS } from './schemas.ts';

type Item = { secretId: string } & Record<string, unknown>;

/** What a bulk request does: its items; or, with the other members the same in all, each secret with each principal. */
type Spread = Record<string, unknown> & { items?: Item[]; secretIds?: string[]; principals?: string[] };

/** @throws DomainError validation-failed for what is neither, or both, or too many */
export function itemsOf({ items, secretIds, principals, ...same }: Spread): Item[] {
  const [stray] = Object.keys({ ...same, ...(principals && { principals }), ...(secretIds && { secretIds }) });
  if (items !== undefined) {
    if (stray === undefined) return items;
    throw wrongField(`/${stray}`, 'does not go with items: each item says its own');
  }
  if (secretIds === undefined) throw wrongField('/items', 'must be there, or secretIds and principals');
  if (principals === undefined) throw wrongField('/principals', 'must be there: it goes with secretIds');
  const total = secretIds.length * principals.length;
  if (total > MAX_ITEMS) {
    throw wrongField(
      '/principals',
      `must be fewer: with ${secretIds.length} secrets these are ${total} changes, of ${MAX_ITEMS}`,
    );
  }
  return secretIds.flatMap((secretId) => principals.map((principal) => ({ secretId, principal, ...same })));
}

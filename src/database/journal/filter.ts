import type { Kysely, SelectQueryBuilder } from 'kysely';
import type { AuditFilter } from '../../access/looks/audit-trail.ts';
import type { Schema } from '../schema.ts';

/** Where a page ended, in the order of a listing. */
export type Position = { time_ms: number; sequence: number };

type FilterColumn = 'change_id' | 'secret_arn' | 'secret_name' | 'actor' | 'outcome' | 'action';
type Events = SelectQueryBuilder<Schema, 'audit_events', Record<never, never>>;

/**
 * The events that pass a filter and come after a position, newest first. The narrowest filter is left to its index and
 * the others are hidden from the planner (`coalesce`), which without statistics might walk all shares to find those of
 * one secret.
 */
export const matching = (kysely: Kysely<Schema>, filter: AuditFilter, after: Position | undefined): Events => {
  let query: Events = kysely.selectFrom('audit_events');
  for (const [index, [column, value]] of narrowestFirst(filter).entries()) {
    query = query.where((eb) => eb(index === 0 ? eb.ref(column) : eb.fn.coalesce(column, eb.val('')), '=', value));
  }
  if (filter.from !== undefined) query = query.where('time_ms', '>=', filter.from.getTime());
  if (filter.to !== undefined) query = query.where('time_ms', '<=', filter.to.getTime());
  if (after !== undefined) {
    query = query.where((eb) => eb(eb.refTuple('time_ms', 'sequence'), '<', eb.tuple(after.time_ms, after.sequence)));
  }
  return query;
};

const narrowestFirst = ({ changeId, secret, actor, outcome, action }: AuditFilter): [FilterColumn, string][] => {
  const filters: [FilterColumn, string | undefined][] = [
    ['change_id', changeId],
    [secret?.startsWith('arn:') ? 'secret_arn' : 'secret_name', secret],
    ['actor', actor],
    ['outcome', outcome],
    ['action', action],
  ];
  return filters.filter((entry): entry is [FilterColumn, string] => entry[1] !== undefined);
};

import type { Kysely } from 'kysely';
import type { AuditFilter } from '../../access/looks/audit-trail.ts';
import type { Schema } from '../schema.ts';

/** Where a page ended, in the order of a listing. */
export type Position = { time_ms: number; sequence: number };

/** An event that was looked at: whether it passes the filter, and the bytes of its document. */
type Seen = Position & { passes: boolean; bytes: number };

type FilterColumn = 'change_id' | 'secret_arn' | 'secret_name' | 'actor' | 'outcome' | 'action';

/**
 * The next events after a position, newest first, that pass the narrowest filter: one range of its index. The other filters
 * are answered for each of them, and never searched by: where few pass, a search would walk the whole journal.
 * @param most of them
 */
export const lookThrough = async (
  kysely: Kysely<Schema>,
  filter: AuditFilter,
  after: Position | undefined,
  most: number,
): Promise<Seen[]> => {
  const [narrowest, ...others] = narrowestFirst(filter);
  let query = kysely.selectFrom('audit_events');
  if (narrowest !== undefined) query = query.where(narrowest[0], '=', narrowest[1]);
  if (filter.from !== undefined) query = query.where('time_ms', '>=', filter.from.getTime());
  if (filter.to !== undefined) query = query.where('time_ms', '<=', filter.to.getTime());
  if (after !== undefined) {
    query = query.where((eb) => eb(eb.refTuple('time_ms', 'sequence'), '<', eb.tuple(after.time_ms, after.sequence)));
  }
  const rows = await query
    .select(['time_ms', 'sequence', 'outcome', ...others.map(([column]) => column)])
    .select((eb) => eb.fn<number>('octet_length', ['document']).as('bytes'))
    .orderBy('time_ms', 'desc')
    .orderBy('sequence', 'desc')
    .limit(most)
    .execute();
  return rows.map(({ time_ms, sequence, bytes, ...columns }) => ({
    ...{ time_ms, sequence, bytes },
    passes: isOfPhase(filter, columns.outcome) && others.every(([column, value]) => columns[column] === value),
  }));
};

/** An intent, and nothing else, has no outcome. */
const isOfPhase = ({ phase }: AuditFilter, outcome: string | null): boolean =>
  phase === undefined || (phase === 'intent') === (outcome === null);

/** Whether every event that is looked through passes. */
export const isOneRange = (filter: AuditFilter): boolean =>
  filter.phase === undefined && narrowestFirst(filter).length <= 1;

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

import type { Kysely } from 'kysely';
import type { AuditFilter } from '../../access/looks/audit-trail.ts';
import type { EventColumns } from '../../audit/columns.ts';
import type { Schema } from '../schema.ts';

/** Where a page ended, in the order of a listing. */
export type Position = { time_ms: number; sequence: number };

/** An event that was looked at: whether it passes the filter, and the bytes of its document. */
type Seen = Position & { passes: boolean; bytes: number };

/** The narrowest first. Phase and times are no column to be equal to. */
const COLUMNS = {
  changeId: () => 'change_id',
  secret: (value) => (value.startsWith('arn:') ? 'secret_arn' : 'secret_name'),
  actor: () => 'actor',
  outcome: () => 'outcome',
  action: () => 'action',
} as const satisfies {
  [name in Exclude<keyof AuditFilter, 'phase' | 'from' | 'to'>]: (value: string) => keyof EventColumns;
};

type FilterName = keyof typeof COLUMNS;
type FilterColumn = ReturnType<(typeof COLUMNS)[FilterName]>;

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

const narrowestFirst = (filter: AuditFilter): [FilterColumn, string][] =>
  (Object.keys(COLUMNS) as FilterName[]).flatMap((name) => {
    const value = filter[name];
    return value === undefined ? [] : [[COLUMNS[name](value), value]];
  });

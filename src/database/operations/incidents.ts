import type { IncidentStore, OrderedOperation } from '../../access/bulk/operation.ts';
import { incidentActions } from '../../access/incidents/incident.ts';
import { cutPage, fromCursor } from '../../page.ts';
import { readUuid } from '../../uuid.ts';
import type { Database } from '../database.ts';
import { atTheEdge } from '../errors.ts';
import { prepared } from '../prepared.ts';
import type { OperationRow } from '../schema.ts';
import { countingItems } from './counts.ts';
import { toOrder } from './rows.ts';

/** Every change asks. */
const idsBegun = prepared()((kysely) =>
  kysely
    .selectFrom('operations')
    .select('id')
    .where('incident', 'is not', null)
    .where('action', 'in', incidentActions)
    .orderBy('id'),
);

/** Lifts of one incident that are told: there is one, and another after each that failed in part. */
const MOST_LIFTS = 20;

export const createIncidentStore = ({ kysely }: Database): IncidentStore => {
  const withCounts = countingItems({ kysely });
  const ofIncidents = kysely.selectFrom('operations').selectAll().where('incident', 'is not', null);
  async function ordered(rows: OperationRow[]): Promise<OrderedOperation[]> {
    const counted = rows.length === 0 ? [] : await atTheEdge(() => withCounts(rows));
    return counted.flatMap((operation, at) => {
      const row = rows[at];
      return row === undefined ? [] : { operation, order: toOrder(row) };
    });
  }

  const begun = ofIncidents.where('action', 'in', incidentActions);

  return {
    async begun({ limit, cursor }) {
      let query = begun;
      if (cursor !== undefined) query = query.where('id', '<', fromCursor(cursor, readUuid));
      const newest = query.orderBy('id', 'desc').limit(limit + 1);
      const { items, nextCursor } = cutPage(await atTheEdge(() => newest.execute()), limit, ({ id }) => id);
      return { items: await ordered(items), nextCursor };
    },

    notYetLifted: (but) =>
      atTheEdge(async () => {
        const ids = (await idsBegun(kysely, {})).flatMap(({ id }) => (but.has(id) ? [] : [id]));
        if (ids.length === 0) return [];
        const rows = await begun.where('id', 'in', ids).execute();
        const lifts = await kysely
          .selectFrom('operations')
          .selectAll()
          .where('incident', 'in', ids)
          .where('action', '=', 'lift')
          .orderBy('id', 'desc')
          .execute();
        const of = Map.groupBy(lifts, ({ incident }) => incident);
        const liftsOf = (id: string) =>
          (of.get(id) ?? []).map((row) => ({ order: toOrder(row), isFinished: row.finished_at !== null }));
        return rows.map((row) => ({ order: toOrder(row), lifts: liftsOf(row.id) }));
      }),

    async lifts(incident) {
      const query = ofIncidents.where('incident', '=', incident).where('action', '=', 'lift');
      return ordered(await atTheEdge(() => query.orderBy('id', 'desc').limit(MOST_LIFTS).execute()));
    },

    async find(id) {
      const [found = null] = await ordered(await atTheEdge(() => begun.where('id', '=', id).execute()));
      return found;
    },

    ids: () => atTheEdge(async () => new Set((await idsBegun(kysely, {})).map(({ id }) => id))),
  };
};

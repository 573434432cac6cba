import type { IncidentStore } from '../../access/bulk/operation.ts';
import { incidentActions } from '../../access/incidents/incident.ts';
import { cutPage, fromCursor } from '../../page.ts';
import { readUuid } from '../../uuid.ts';
import type { Database } from '../database.ts';
import { atTheEdge } from '../errors.ts';
import { prepared } from '../prepared.ts';
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
  const begun = ofIncidents.where('action', 'in', incidentActions);

  return {
    async begun({ limit, cursor }) {
      let query = begun;
      if (cursor !== undefined) query = query.where('id', '<', fromCursor(cursor, readUuid));
      const newest = query.orderBy('id', 'desc').limit(limit + 1);
      const { items, nextCursor } = cutPage(await atTheEdge(() => newest.execute()), limit, ({ id }) => id);
      return { items: items.length === 0 ? [] : await atTheEdge(() => withCounts(items)), nextCursor };
    },

    notYetLifted: (but) =>
      atTheEdge(async () => {
        const ids = (await idsBegun(kysely, {})).flatMap(({ id }) => (but.has(id) ? [] : [id]));
        if (ids.length === 0) return [];
        const rows = await begun.where('id', 'in', ids).execute();
        const lifts = await kysely
          .selectFrom('operations')
          .select(['id', 'incident', 'finished_at'])
          .where('incident', 'in', ids)
          .where('action', '=', 'lift')
          .orderBy('id')
          .execute();
        const last = new Map(
          lifts.map(({ id, incident, finished_at }) => [incident, { id, isFinished: finished_at !== null }]),
        );
        return rows.map((row) => ({ order: toOrder(row), lift: last.get(row.id) ?? null }));
      }),

    lifts: (incident) =>
      atTheEdge(async () => {
        const query = ofIncidents.where('incident', '=', incident).where('action', '=', 'lift');
        const rows = await query.orderBy('id', 'desc').limit(MOST_LIFTS).execute();
        return rows.length === 0 ? [] : withCounts(rows);
      }),
  };
};

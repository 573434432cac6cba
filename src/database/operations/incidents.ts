import type { IncidentStore } from '../../access/bulk/operation.ts';
import { cutPage, fromCursor } from '../../page.ts';
import { readUuid } from '../../uuid.ts';
import type { Database } from '../database.ts';
import { atTheEdge } from '../errors.ts';
import { countingItems } from './counts.ts';

/** Lifts of one incident that are told: there is one, and another after each that failed in part. */
const MOST_LIFTS = 20;

export const createIncidentStore = ({ kysely }: Database): IncidentStore => {
  const withCounts = countingItems({ kysely });
  const ofIncidents = kysely.selectFrom('operations').selectAll().where('incident', 'is not', null);

  return {
    async begun({ limit, cursor }) {
      let query = ofIncidents.where('action', 'in', ['freeze', 'evict']);
      if (cursor !== undefined) query = query.where('id', '<', fromCursor(cursor, readUuid));
      const newest = query.orderBy('id', 'desc').limit(limit + 1);
      const { items, nextCursor } = cutPage(await atTheEdge(() => newest.execute()), limit, ({ id }) => id);
      return { items: items.length === 0 ? [] : await atTheEdge(() => withCounts(items)), nextCursor };
    },

    lifts: (incident) =>
      atTheEdge(async () => {
        const query = ofIncidents.where('incident', '=', incident).where('action', '=', 'lift');
        const rows = await query.orderBy('id', 'desc').limit(MOST_LIFTS).execute();
        return rows.length === 0 ? [] : withCounts(rows);
      }),
  };
};

import type { GrantsDue } from '../access/grants/grants-due.ts';
import type { Database } from './database.ts';
import { atTheEdge } from './errors.ts';

export const createGrantsDue = ({ kysely }: Database): GrantsDue => ({
  note: (secretArn, changeIds, now) =>
    atTheEdge(async () => {
      if (changeIds.length === 0) return;
      await kysely
        .insertInto('grants_due')
        .values(changeIds.map((changeId) => ({ change_id: changeId, secret_arn: secretArn, noted_at: now.getTime() })))
        .onConflict((conflict) => conflict.doNothing())
        .execute();
    }),

  done: (changeId) =>
    atTheEdge(async () => {
      await kysely.deleteFrom('grants_due').where('change_id', '=', changeId).execute();
    }),

  notedBefore: (time, limit) =>
    atTheEdge(async () => {
      const rows = await kysely
        .selectFrom('grants_due')
        .select(['change_id', 'secret_arn'])
        .where('noted_at', '<', time.getTime())
        .orderBy('noted_at')
        .limit(limit)
        .execute();
      return rows.map(({ change_id, secret_arn }) => ({ changeId: change_id, secretArn: secret_arn }));
    }),
});

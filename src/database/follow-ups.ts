import type { FollowUps } from '../access/commands/later/follow-ups.ts';
import type { Database } from './database.ts';
import { atTheEdge } from './errors.ts';

/** An index of when to look again; the policies stay the only truth about access. */
export const createFollowUps = ({ kysely }: Database): FollowUps => ({
  noteExpiries: (secretArn, times) =>
    atTheEdge(async () => {
      if (times.length === 0) return;
      await kysely
        .insertInto('expiries')
        .values(times.map((time) => ({ secret_arn: secretArn, expires_at: time.getTime() })))
        .onConflict((conflict) => conflict.doNothing())
        .execute();
    }),

  expired: (now, limit) =>
    atTheEdge(async () => {
      const rows = await kysely
        .selectFrom('expiries')
        .select('secret_arn')
        .distinct()
        .where('expires_at', '<=', now.getTime())
        .limit(limit)
        .execute();
      return rows.map(({ secret_arn }) => secret_arn);
    }),

  forgetExpiries: (secretArn, until) =>
    atTheEdge(async () => {
      await kysely
        .deleteFrom('expiries')
        .where('secret_arn', '=', secretArn)
        .where('expires_at', '<=', until.getTime())
        .execute();
    }),

  noteOrphans: (secretArn, entryIds, now) =>
    atTheEdge(async () => {
      if (entryIds.length === 0) return new Map();
      await kysely
        .insertInto('orphans')
        .values(entryIds.map((id) => ({ secret_arn: secretArn, entry_id: id, first_seen: now.getTime() })))
        .onConflict((conflict) => conflict.doNothing())
        .execute();
      const rows = await kysely
        .selectFrom('orphans')
        .select(['entry_id', 'first_seen'])
        .where('secret_arn', '=', secretArn)
        .where('entry_id', 'in', [...entryIds])
        .execute();
      return new Map(rows.map(({ entry_id, first_seen }) => [entry_id, new Date(Number(first_seen))]));
    }),
});

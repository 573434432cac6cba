import type { Approval, Decision } from '../access/approvals/approval.ts';
import type { ApprovalStore } from '../access/approvals/approval-store.ts';
import type { ApprovalStatuses } from '../access/approvals/watch-inbox.ts';
import type { Clock } from '../clock.ts';
import { cutPage, fromCursor } from '../page.ts';
import { readUuid, uuidV7Start } from '../uuid.ts';
import type { Database } from './database.ts';
import { atTheEdge } from './errors.ts';
import { readObject } from './read-object.ts';
import { createLease } from './replicas/lease.ts';
import type { ApprovalRow } from './schema.ts';

/**
 * How long what is left to do stays with one process. Longer than any change takes; should one take longer still, it is
 * done twice, one after the other under the secret's lock, and the second finds it done.
 */
const LEASE_MS = 5 * 60_000;
const TAKEN_AT_ONCE = 20;

export const createApprovalStore = ({
  database,
  clock,
}: {
  database: Database;
  clock: Clock;
}): ApprovalStore &
  ApprovalStatuses & {
    /** Leaves to anyone what this process had taken on. @throws DomainError audit-unavailable */
    leave(): Promise<void>;
  } => {
  const { kysely } = database;
  const lease = createLease({ kind: database.kind, clock, leaseMs: LEASE_MS });
  const leases = {
    nothing: () => ({ owner: null, lease_until: null }),
    forMe: lease.mine,
    forAnyone: () => ({ owner: null, lease_until: clock().getTime() }),
  };

  return {
    add: ({ status, decision, problem, ...request }) =>
      atTheEdge(async () => {
        await kysely
          .insertInto('approvals')
          .values({
            id: request.id,
            status,
            expires_at: Date.parse(request.expiresAt),
            request: JSON.stringify(request),
            decision: textOf(decision),
            problem: textOf(problem),
            ...leases.nothing(),
          })
          .execute();
      }),

    find: (id) =>
      atTheEdge(async () => {
        const row = await kysely.selectFrom('approvals').selectAll().where('id', '=', id).executeTakeFirst();
        return row === undefined ? null : toApproval(row);
      }),

    async list({ status, expiresBy }, { limit, cursor }) {
      const before = cursor === undefined ? undefined : fromCursor(cursor, readUuid);
      let query = kysely.selectFrom('approvals').selectAll();
      if (status !== undefined) query = query.where('status', '=', status);
      if (expiresBy !== undefined) query = query.where('expires_at', '<=', expiresBy.getTime());
      if (before !== undefined) query = query.where('id', '<', before);
      const rows = await atTheEdge(() =>
        query
          .orderBy('id', 'desc')
          .limit(limit + 1)
          .execute(),
      );
      return cutPage(rows.map(toApproval), limit, ({ id }) => id);
    },

    statuses: (since) =>
      atTheEdge(async () => {
        const rows = await kysely
          .selectFrom('approvals')
          .select(['id', 'status'])
          .where(({ or, eb }) => or([eb('status', 'in', ['pending', 'approved']), eb('id', '>=', uuidV7Start(since))]))
          .execute();
        return new Map(rows.map(({ id, status }) => [id, status]));
      }),

    move: (id, from, { status, decision, problem, left }) =>
      atTheEdge(async () => {
        const { numUpdatedRows } = await kysely
          .updateTable('approvals')
          .set({
            status,
            problem: textOf(problem),
            ...(decision !== undefined && { decision: textOf(decision) }),
            ...leases[left](),
          })
          .where('id', '=', id)
          .where('status', '=', from)
          .executeTakeFirst();
        return numUpdatedRows === 1n;
      }),

    takeLeft: () =>
      atTheEdge(async () => {
        const rows = await kysely
          .updateTable('approvals')
          .set(lease.mine())
          .where('id', 'in', (query) =>
            query.selectFrom('approvals').select('id').where(lease.isFree()).limit(TAKEN_AT_ONCE),
          )
          // Once more, on the row as it is when its turn comes.
          .where(lease.isFree())
          .returningAll()
          .execute();
        return rows.map(toApproval);
      }),

    leave: () =>
      atTheEdge(async () => {
        await kysely.updateTable('approvals').set(leases.forAnyone()).where('owner', '=', lease.owner).execute();
      }),
  };
};

const textOf = (value: object | null): string | null => (value === null ? null : JSON.stringify(value));

/** Of the types that this service stored; what somebody else wrote no seal holds, and nobody looks into. */
const toApproval = ({ id, status, request, decision, problem }: ApprovalRow): Approval => ({
  ...(readObject(request) as Omit<Approval, 'status' | 'decision' | 'problem'>),
  id,
  status,
  decision: decision === null ? null : (readObject(decision) as Decision),
  problem: problem === null ? null : (readObject(problem) as Approval['problem']),
});

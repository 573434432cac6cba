import { randomUUID } from 'node:crypto';
import { type RawBuilder, type SqlBool, sql } from 'kysely';
import type { Clock } from '../../clock.ts';
import type { Database } from '../database.ts';

/** The columns by which a row is one process's to work on. Both null: there is nothing to do. */
type LeaseColumns = {
  owner: string | null;
  /** Unix milliseconds. */
  lease_until: number | null;
};

/**
 * Work that one process does at a time, over all replicas: a row is its owner's until the lease runs out. Clocks that
 * differ by more than a lease let two do it; what is done under a lease has to bear that.
 */
type Lease = {
  /** This process. */
  owner: string;
  /** The columns of a row that this process takes or keeps. */
  mine(): { owner: string; lease_until: number };
  /** Rows that nobody has: for a `where` on a table with these columns. */
  isFree(): RawBuilder<SqlBool>;
  /** The same of one row that was read. */
  frees(row: LeaseColumns): boolean;
};

/** @param leaseMs how long a row stays with a process that says no more of it */
export function createLease(options: { kind: Database['kind']; clock: Clock; leaseMs: number }): Lease {
  const owner = randomUUID();
  const now = () => options.clock().getTime();
  // A SQLite file has one service process, so a lease of another owner is of a process that ended.
  const alone = options.kind === 'sqlite';
  return {
    owner,
    mine: () => ({ owner, lease_until: now() + options.leaseMs }),
    isFree: () => (alone ? sql`(lease_until <= ${now()} or owner <> ${owner})` : sql`lease_until <= ${now()}`),
    frees: (row) => row.lease_until !== null && (row.lease_until <= now() || (alone && row.owner !== owner)),
  };
}

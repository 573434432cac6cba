import type { Transaction } from 'kysely';
import type { ClaimedKey, IdempotencyKeys } from '../access/recover/idempotency-keys.ts';
import type { CommandSeal } from '../access/stored/command-seal.ts';
import type { Clock } from '../clock.ts';
import { sha256 } from '../hash.ts';
import { timeOfUuidV7 } from '../uuid.ts';
import type { Database } from './database.ts';
import { atTheEdge } from './errors.ts';
import { createLease } from './replicas/lease.ts';
import type { IdempotencyRow, Schema } from './schema.ts';

const KEPT_FOR = 24 * 60 * 60 * 1_000;
const PURGE_BATCH = 1_000;

type IdempotencyStore = IdempotencyKeys & {
  /** Deletes what has expired; how many. @throws DomainError audit-unavailable */
  purge(): Promise<number>;
  /** Leaves the keys in flight to whoever asks with them next. @throws DomainError audit-unavailable */
  leave(): Promise<void>;
  /** Ends the renewal of leases, the one under way included; keys in flight are then taken over when theirs run out. */
  close(): Promise<void>;
};

/**
 * Idempotency-Keys, over all replicas. While a request runs, this process renews a lease on its key; when the process
 * dies, the lease runs out and the next caller takes the key over, by `abandoned`. Clocks that differ by more than a lease
 * take a key over too early, which costs a 2nd look at the secret and no second change: the new owner settles the change
 * under the secret's lock.
 * @param leaseMs how long a dead process's keys stay in flight
 */
export const createIdempotencyStore = (options: {
  database: Database;
  clock: Clock;
  leaseMs?: number;
  seal: CommandSeal;
  /** A key was found that this service did not store so: it counts as not there. */
  onUnauthentic(id: string): void;
  /** A renewal failed. It is tried again in a third of a lease; after two the key is another's to take, as after a crash. */
  onRenewalFailure: (error: unknown) => void;
}): IdempotencyStore => {
  const { database, clock, leaseMs = 15_000, seal, onRenewalFailure } = options;
  const { kysely } = database;
  const lease = createLease({ kind: database.kind, clock, leaseMs });
  /** Keys whose requests run here, with what of them is sealed. */
  const inFlight = new Map<string, Sealed>();
  const now = () => clock().getTime();

  const sealOf = (row: Sealed): string => seal.of('idempotencyKey', saidOf(row));
  /** The columns of a change to a row, with the seal of all that it then says. */
  const resealed = (row: Sealed, values: Partial<Sealed>) => ({ ...values, seal: sealOf({ ...row, ...values }) });

  const renew = async () => {
    if (inFlight.size === 0) return;
    await kysely
      .updateTable('idempotency_keys')
      .set(lease.mine())
      .where('owner', '=', lease.owner)
      .where('id', 'in', [...inFlight.keys()])
      .execute();
  };
  let renewing: Promise<void> | undefined;
  const renewal = setInterval(() => {
    // One at a time, so that closing waits for all of them.
    renewing ??= renew()
      .catch(onRenewalFailure)
      .finally(() => {
        renewing = undefined;
      });
  }, leaseMs / 3).unref();

  /**
   * Of our own leases, only those of requests that run still count: one that is left could not be ended while the database
   * was lost.
   */
  const isAlive = (row: IdempotencyRow) => !lease.frees(row) && (row.owner !== lease.owner || inFlight.has(row.id));

  const claim = async (trx: Transaction<Schema>, fresh: IdempotencyRow): Promise<ClaimedKey> => {
    const inserted = await trx
      .insertInto('idempotency_keys')
      .values(fresh)
      .onConflict((conflict) => conflict.column('id').doNothing())
      .executeTakeFirst();
    if (inserted.numInsertedOrUpdatedRows === 1n) return { state: 'started' };

    const row = await trx
      .selectFrom('idempotency_keys')
      .selectAll()
      .where('id', '=', fresh.id)
      .$if(database.kind === 'postgres', (query) => query.forUpdate())
      .executeTakeFirst();
    // Purged between the two statements: ours after all.
    if (row === undefined) return claim(trx, fresh);
    const own = (values: Partial<IdempotencyRow>) =>
      trx.updateTable('idempotency_keys').set(values).where('id', '=', row.id).execute();

    const isOurs = seal.holds('idempotencyKey', saidOf(row), row.seal);
    if (!isOurs) options.onUnauthentic(row.id);
    if (expiryOf(row) <= now() || !isOurs) {
      await own(fresh);
      return { state: 'started' };
    }
    if (row.fingerprint !== fresh.fingerprint) return { state: 'mismatch' };
    if (row.response !== null) return { state: 'replay', response: JSON.parse(row.response) };
    if (isAlive(row)) return { state: 'inFlight', changeId: row.change_id };
    await own(lease.mine());
    return { state: 'abandoned', changeId: row.change_id };
  };

  return {
    begin: ({ subject, key, fingerprint, changeId }) =>
      atTheEdge(async () => {
        const id = idOf(subject, key);
        const times = { ...lease.mine(), expires_at: now() + KEPT_FOR };
        const sealed = { id, fingerprint, change_id: changeId, response: null };
        const fresh = { ...sealed, ...times, seal: sealOf(sealed) };
        let ours = false;
        try {
          return await kysely.transaction().execute(async (trx) => {
            const claimed = await claim(trx, fresh);
            ours = claimed.state === 'started' || claimed.state === 'abandoned';
            // Before the commit, which lets those go on that wait for the row: they must find it alive.
            if (ours) inFlight.set(id, { ...sealed, ...('changeId' in claimed && { change_id: claimed.changeId }) });
            return claimed;
          });
        } catch (error) {
          if (ours) inFlight.delete(id);
          throw error;
        }
      }),

    complete: ({ subject, key }, response) =>
      atTheEdge(async () => {
        const id = idOf(subject, key);
        const begun = inFlight.get(id);
        if (begun === undefined) return false;
        // First, so that a key whose answer could not be kept does not stay in flight for as long as this process lives.
        inFlight.delete(id);
        const { numUpdatedRows } = await kysely
          .updateTable('idempotency_keys')
          .set(resealed(begun, { response: JSON.stringify(response) }))
          .where('id', '=', id)
          .where('owner', '=', lease.owner)
          .executeTakeFirst();
        return numUpdatedRows === 1n;
      }),

    restart: ({ subject, key }, changeId) =>
      atTheEdge(async () => {
        const id = idOf(subject, key);
        const begun = inFlight.get(id);
        if (begun === undefined) return;
        inFlight.set(id, { ...begun, change_id: changeId });
        await kysely
          .updateTable('idempotency_keys')
          .set(resealed(begun, { change_id: changeId }))
          .where('id', '=', id)
          .where('owner', '=', lease.owner)
          .execute();
      }),

    abandon: ({ subject, key }) =>
      atTheEdge(async () => {
        const id = idOf(subject, key);
        inFlight.delete(id);
        await kysely
          .updateTable('idempotency_keys')
          .set({ lease_until: 0 })
          .where('id', '=', id)
          .where('owner', '=', lease.owner)
          .execute();
      }),

    purge: () =>
      atTheEdge(async () => {
        let purged = 0;
        for (let more = true; more; ) {
          const { numDeletedRows } = await kysely
            .deleteFrom('idempotency_keys')
            .where('id', 'in', (query) =>
              query.selectFrom('idempotency_keys').select('id').where('expires_at', '<=', now()).limit(PURGE_BATCH),
            )
            .executeTakeFirst();
          purged += Number(numDeletedRows);
          more = Number(numDeletedRows) === PURGE_BATCH;
        }
        return purged;
      }),

    async close() {
      clearInterval(renewal);
      await renewing;
    },

    leave: () =>
      atTheEdge(async () => {
        const left = kysely.updateTable('idempotency_keys').set({ lease_until: 0 }).where('owner', '=', lease.owner);
        if (inFlight.size > 0) await left.where('id', 'in', [...inFlight.keys()]).execute();
      }),
  };
};

/** The seal does not speak of the column; but of the change, whose id has the time of its request. */
const expiryOf = ({ expires_at, change_id }: IdempotencyRow): number =>
  Math.min(expires_at, (timeOfUuidV7(change_id) ?? Infinity) + KEPT_FOR);

type Sealed = Pick<IdempotencyRow, 'id' | 'fingerprint' | 'change_id' | 'response'>;
const saidOf = ({ id, fingerprint, change_id, response }: Sealed) => [id, fingerprint, change_id, response];

/** Keys are the caller's own: the same key of another subject is another key. A hash, so that neither bounds the index. */
const idOf = (subject: string, key: string): string => sha256(JSON.stringify([subject, key]));

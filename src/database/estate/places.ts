import type { Clock } from '../../clock.ts';
import type { EstatePlaces, Place, PlaceClaims, PlaceState, PlaceSurvey } from '../../estate/place.ts';
import type { Database } from '../database.ts';
import { atTheEdge } from '../errors.ts';
import { createLease } from '../replicas/lease.ts';
import type { EstatePlaceRow } from '../schema.ts';

/** It is renewed every few seconds (survey-place.ts). */
const LEASE_MS = 60_000;
const FREE = { owner: null, lease_until: 0 };
/** Rows of one statement: databases bound its parameters. */
const BATCH = 200;
/** Longer than a list that AWS told counts (told-list.ts), and than replicas are restarted one after the other. */
const FORGOTTEN_AFTER_MS = 15 * 60_000;
/** Who has a place in its list says so that often. */
const SAID_EVERY_MS = 60_000;
/** Of what is due: among them are places that another process has in its list, and this one has not. */
const MOST_DUE = 500;

/** Where the survey of each account and Region is. */
export const createEstatePlaces = (
  { kysely, kind }: Database,
  clock: Clock,
): EstatePlaces & PlaceClaims & { leave(): Promise<void> } => {
  const lease = createLease({ kind, clock, leaseMs: LEASE_MS });
  const now = () => clock().getTime();

  const of = ({ account, region }: Place) =>
    kysely.updateTable('estate_places').where('account', '=', account).where('region', '=', region);
  const mine = (place: Place) => of(place).where('owner', '=', lease.owner);

  /** A moment that is not known is none. */
  const isLongAgo = (at: number | null, ms: number): boolean => at !== null && now() - Number(at) >= ms;

  return {
    keep: (places) =>
      atTheEdge(async () => {
        const wanted = new Set(places.map(nameOf));
        const known = await kysely.selectFrom('estate_places').select(['account', 'region', 'kept_at']).execute();
        const unsaid = known.filter(({ kept_at, ...place }) =>
          wanted.has(nameOf(place)) ? isLongAgo(kept_at ?? 0, SAID_EVERY_MS) : kept_at === null,
        );
        for (const [account, some] of Map.groupBy(unsaid, (place) => place.account)) {
          const rows = kysely.updateTable('estate_places').where('account', '=', account);
          const regions = some.map(({ region }) => region);
          await rows.where('region', 'in', regions).set({ kept_at: now() }).execute();
        }
        const names = new Set(known.map(nameOf));
        const fresh = places.filter((place) => !names.has(nameOf(place)));
        for (let start = 0; start < fresh.length; start += BATCH) {
          const rows = fresh.slice(start, start + BATCH).map(({ account, region }) => ({
            ...{ account, region, due_at: now(), started_at: null, next_page: null, finished_at: null },
            ...{ secrets: 0, failed_at: null, problem: null, kept_at: now(), ...FREE },
          }));
          const insert = kysely.insertInto('estate_places').values(rows);
          await insert.onConflict((conflict) => conflict.doNothing()).execute();
        }
        return known
          .filter((place) => !wanted.has(nameOf(place)) && isLongAgo(place.kept_at, FORGOTTEN_AFTER_MS))
          .map(({ account, region }) => ({ account, region }));
      }),

    drop: ({ account, region }) =>
      atTheEdge(async () => {
        const secrets = kysely.selectFrom('estate_secrets').select('arn');
        const left = secrets.where('account', '=', account).where('region', '=', region);
        const place = kysely.deleteFrom('estate_places').where('account', '=', account).where('region', '=', region);
        await place.where(({ not, exists }) => not(exists(left))).execute();
      }),

    all: () =>
      atTheEdge(async () => {
        const rows = await kysely
          .selectFrom('estate_places')
          .selectAll()
          .orderBy('account')
          .orderBy('region')
          .execute();
        return rows.map(toState);
      }),

    find: ({ account, region }) =>
      atTheEdge(async () => {
        const query = kysely.selectFrom('estate_places').selectAll().where('account', '=', account);
        const row = await query.where('region', '=', region).executeTakeFirst();
        return row === undefined ? null : toState(row);
      }),

    claimDue: (places, limit) =>
      atTheEdge(async () => {
        const ours = new Set(places.map(nameOf));
        const due = await kysely
          .selectFrom('estate_places')
          .select(['account', 'region'])
          .where('due_at', '<=', now())
          .where(lease.isFree())
          .orderBy('due_at')
          .limit(MOST_DUE)
          .execute();
        const some = due.filter((place) => ours.has(nameOf(place))).slice(0, limit);
        const claimed = await Promise.all(some.map(take));
        return claimed.filter((survey) => survey !== null);
      }),

    claim: (place) => atTheEdge(() => take(place)),

    progress: (place, nextPage) =>
      atTheEdge(async () => {
        const { numUpdatedRows } = await mine(place)
          .set({ ...lease.mine(), ...(nextPage !== undefined && { next_page: nextPage }) })
          .executeTakeFirst();
        return numUpdatedRows === 1n;
      }),

    finish: (place, { secrets, nextAt }) =>
      atTheEdge(async () => {
        const ended = { started_at: null, next_page: null, finished_at: now(), secrets };
        const well = { failed_at: null, problem: null, due_at: nextAt.getTime() };
        await mine(place)
          .set({ ...ended, ...well, ...FREE })
          .execute();
      }),

    fail: (place, problem, nextAt) =>
      atTheEdge(async () => {
        const failed = { failed_at: now(), problem: JSON.stringify(problem), due_at: nextAt.getTime() };
        await mine(place)
          .set({ ...failed, ...FREE })
          .execute();
      }),

    leave: () =>
      atTheEdge(async () => {
        await kysely.updateTable('estate_places').set(FREE).where('owner', '=', lease.owner).execute();
      }),
  };

  /** Only where it is still free when its turn comes. A survey that nobody ended goes on. */
  async function take(place: Place): Promise<PlaceSurvey | null> {
    const row = await of(place).set(lease.mine()).where(lease.isFree()).returningAll().executeTakeFirst();
    if (row === undefined) return null;
    const startedAt = new Date(row.started_at === null ? now() : Number(row.started_at));
    if (row.started_at === null) await mine(place).set({ started_at: startedAt.getTime() }).execute();
    return { account: row.account, region: row.region, startedAt, nextPage: row.next_page ?? undefined };
  }
};

const nameOf = ({ account, region }: Place): string => `${account}/${region}`;

const timeOf = (ms: number | null): Date | null => (ms === null ? null : new Date(Number(ms)));

const toState = (row: EstatePlaceRow): PlaceState => ({
  ...{ account: row.account, region: row.region, secrets: row.secrets },
  startedAt: timeOf(row.started_at),
  finishedAt: timeOf(row.finished_at),
  failedAt: timeOf(row.failed_at),
  problem: row.problem === null ? null : JSON.parse(row.problem),
});

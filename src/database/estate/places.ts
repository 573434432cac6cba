import type { Clock } from '../../clock.ts';
import type { EstatePlaces, Place, PlaceClaims, PlaceState, PlaceSurvey } from '../../estate/place.ts';
import type { Database } from '../database.ts';
import { atTheEdge } from '../errors.ts';
import { createLease } from '../lease.ts';
import type { EstatePlaceRow } from '../schema.ts';
import { forgetSecrets } from './forget.ts';

/** It is renewed every few seconds (survey-place.ts). */
const LEASE_MS = 60_000;
const FREE = { owner: null, lease_until: 0 };
/** Rows of one statement: databases bound its parameters. */
const BATCH = 200;

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

  async function drop({ account, region }: Place): Promise<void> {
    const secrets = kysely.selectFrom('estate_secrets').select('arn');
    for (;;) {
      const some = await secrets.where('account', '=', account).where('region', '=', region).limit(BATCH).execute();
      if (some.length === 0) break;
      const arns = some.map(({ arn }) => arn);
      await forgetSecrets(kysely, arns);
    }
    await kysely.deleteFrom('estate_places').where('account', '=', account).where('region', '=', region).execute();
  }

  return {
    keep: (places) =>
      atTheEdge(async () => {
        const wanted = new Set(places.map(nameOf));
        const known = await kysely.selectFrom('estate_places').select(['account', 'region']).execute();
        for (const place of known) if (!wanted.has(nameOf(place))) await drop(place);
        const fresh = places.filter((place) => !known.some((one) => nameOf(one) === nameOf(place)));
        for (let start = 0; start < fresh.length; start += BATCH) {
          const rows = fresh.slice(start, start + BATCH).map(({ account, region }) => ({
            ...{ account, region, due_at: now(), started_at: null, next_page: null, finished_at: null },
            ...{ secrets: 0, failed_at: null, problem: null, ...FREE },
          }));
          const insert = kysely.insertInto('estate_places').values(rows);
          await insert.onConflict((conflict) => conflict.doNothing()).execute();
        }
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

    claimDue: (limit) =>
      atTheEdge(async () => {
        const due = await kysely
          .selectFrom('estate_places')
          .select(['account', 'region'])
          .where('due_at', '<=', now())
          .where(lease.isFree())
          .orderBy('due_at')
          .limit(limit)
          .execute();
        const claimed = await Promise.all(due.map(take));
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

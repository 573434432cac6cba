import type { Clock } from '../../clock.ts';
import { createGate } from '../../turns/gate.ts';
import type { EstatePlaces, LookProblem, Place } from '../place.ts';
import { createToldList, type ToldList } from './told-list.ts';

/** Whether AWS says which Regions accounts have enabled. */
export type RegionsState = {
  /** Of the account that last said so longest ago; null where one never did since the start. */
  asOf: Date | null;
  /** Accounts of which it does not say so now: the Regions of before stay. */
  failures: ({ account: string } & LookProblem)[];
};

/** In which Regions secrets are surveyed. */
export type EstateRegions = {
  placesOf(accounts: readonly string[]): Promise<Place[]>;
  /** Null where the configuration says it. */
  state(): RegionsState | null;
};

/** Accounts asked at once. */
const ASKED_AT_ONCE = 8;

/**
 * @param deps.regions as configured: undefined for the service's own
 * @param deps.list the Regions that an account has enabled
 */
export function createEstateRegions(deps: {
  regions: readonly string[] | 'enabled' | undefined;
  list: ((account: string) => Promise<readonly string[]>) | undefined;
  region: string;
  places: Pick<EstatePlaces, 'all'>;
  clock: Clock;
}): EstateRegions {
  const { regions, list, region: own, clock } = deps;
  const fixed = Array.isArray(regions) ? regions : [own];
  const some = createGate(ASKED_AT_ONCE);
  let told = new Map<string, ToldList>();

  /** By whatever process of this service; else where the service is itself: then the survey there says what is wrong. */
  async function lastSurveyed(account: string): Promise<readonly string[]> {
    const known = (await deps.places.all()).filter((place) => place.account === account);
    return known.length === 0 ? [own] : known.map(({ region }) => region);
  }

  async function regionsOf(account: string): Promise<readonly string[]> {
    const all = told.get(account)?.all;
    return all === undefined ? fixed : some('asked', all);
  }

  return {
    async placesOf(accounts) {
      if (list !== undefined) {
        const listOf = (account: string) =>
          createToldList({ list: () => list(account), before: () => lastSurveyed(account), clock });
        told = new Map(accounts.map((account) => [account, told.get(account) ?? listOf(account)]));
      }
      const places = accounts.map(async (account) =>
        (await regionsOf(account)).map((region): Place => ({ account, region })),
      );
      return (await Promise.all(places)).flat();
    },
    state() {
      if (list === undefined) return null;
      const states = [...told].map(([account, one]) => ({ account, ...one.state() }));
      const times = states.map(({ asOf }) => asOf?.getTime() ?? Number.NaN);
      const oldest = Math.min(...times);
      return {
        asOf: times.length === 0 || Number.isNaN(oldest) ? null : new Date(oldest),
        failures: states.flatMap(({ account, problem }) => (problem === null ? [] : { account, ...problem })),
      };
    },
  };
}

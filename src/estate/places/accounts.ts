import type { Clock } from '../../clock.ts';
import type { EstatePlaces } from '../place.ts';
import { createToldList, type ToldState } from './told-list.ts';

/** Whose secrets are surveyed. */
export type EstateAccounts = {
  /** @throws DomainError aws-… where that was never told */
  all(): Promise<readonly string[]>;
  /** Whether the organization says so; null where the configuration does. */
  organization(): ToldState | null;
};

/**
 * @param deps.accounts as configured: undefined for the service's own
 * @param deps.list the accounts of the organization
 */
export function createEstateAccounts(deps: {
  accounts: readonly string[] | 'organization' | undefined;
  list: (() => Promise<readonly string[]>) | undefined;
  ownAccount(): Promise<string>;
  places: Pick<EstatePlaces, 'all'>;
  clock: Clock;
}): EstateAccounts {
  const { accounts, list, clock } = deps;
  const told = list && createToldList({ list, before: lastSurveyed, clock });

  /** By whatever process of this service, before this one began. */
  async function lastSurveyed(): Promise<readonly string[] | undefined> {
    const known = new Set((await deps.places.all()).map(({ account }) => account));
    return known.size === 0 ? undefined : [...known];
  }

  return {
    async all() {
      if (told !== undefined) return told.all();
      return Array.isArray(accounts) ? accounts : [await deps.ownAccount()];
    },
    organization: () => told?.state() ?? null,
  };
}

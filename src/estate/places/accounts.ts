import type { Clock } from '../../clock.ts';
import type { EstatePlaces } from '../place.ts';
import { createToldList, type ToldState } from './told-list.ts';

/** Whose secrets are surveyed. */
export type EstateAccounts = {
  /** @throws DomainError aws-… where that was never told */
  all(): Promise<readonly string[]>;
  /** The same, and the organization, where AWS says which it is. */
  ours(): Promise<ReadonlySet<string>>;
  /** Whether the organization says so; null where the configuration does. */
  organization(): ToldState | null;
};

/**
 * @param deps.accounts as configured: undefined for the service's own
 * @param deps.ofOrganization its accounts, and which it is
 */
export function createEstateAccounts(deps: {
  accounts: readonly string[] | 'organization' | undefined;
  ofOrganization: { list(): Promise<readonly string[]>; id(): Promise<string> } | undefined;
  ownAccount(): Promise<string>;
  places: Pick<EstatePlaces, 'all'>;
  clock: Clock;
}): EstateAccounts {
  const { accounts, ofOrganization, clock } = deps;
  const told = ofOrganization && createToldList({ list: ofOrganization.list, before: lastSurveyed, clock });
  const organizations =
    ofOrganization && createToldList({ list: async () => [await ofOrganization.id()], before: async () => [], clock });

  /** By whatever process of this service, before this one began. */
  async function lastSurveyed(): Promise<readonly string[] | undefined> {
    const known = new Set((await deps.places.all()).map(({ account }) => account));
    return known.size === 0 ? undefined : [...known];
  }

  async function all(): Promise<readonly string[]> {
    if (told !== undefined) return told.all();
    return Array.isArray(accounts) ? accounts : [await deps.ownAccount()];
  }

  return {
    all,
    ours: async () => new Set([...(await all()), ...((await organizations?.all()) ?? [])]),
    organization: () => told?.state() ?? null,
  };
}

import type { Clock } from '../clock.ts';
import { DomainError } from '../problems/problem.ts';
import type { EstatePlaces, LookProblem } from './place.ts';

/** Whether the organization says whose secrets are surveyed: when it last did, and why it does not now. */
export type OrganizationState = { asOf: Date | null; problem: LookProblem | null };

/** Whose secrets are surveyed. */
export type EstateAccounts = {
  /** @throws DomainError aws-… where that was never told */
  all(): Promise<readonly string[]>;
  /** Null where the configuration says it. */
  organization(): OrganizationState | null;
};

/** The organization is asked that often, and after a failure. What was told last counts meanwhile. */
const ASK_EVERY_MS = 10 * 60_000;
const ASK_AGAIN_AFTER_MS = 60_000;

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
  let told: readonly string[] | undefined;
  let asking: Promise<readonly string[]> | undefined;
  let askAt = 0;
  const state: OrganizationState = { asOf: null, problem: null };

  async function ask(from: () => Promise<readonly string[]>): Promise<readonly string[]> {
    askAt = clock().getTime() + ASK_AGAIN_AFTER_MS;
    try {
      told = await from();
      askAt = clock().getTime() + ASK_EVERY_MS;
      Object.assign(state, { asOf: clock(), problem: null });
      return told;
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      state.problem = { code: error.code, detail: error.message };
      told ??= await lastSurveyed();
      if (told === undefined) throw error;
      return told;
    }
  }

  /** By whatever process of this service, before this one began. */
  async function lastSurveyed(): Promise<readonly string[] | undefined> {
    const known = new Set((await deps.places.all()).map(({ account }) => account));
    return known.size === 0 ? undefined : [...known];
  }

  async function ofOrganization(from: () => Promise<readonly string[]>): Promise<readonly string[]> {
    if (told === undefined || clock().getTime() >= askAt)
      asking ??= ask(from).finally(() => {
        asking = undefined;
      });
    if (told === undefined) return asking ?? ask(from);
    return told;
  }

  return {
    async all() {
      if (list !== undefined) return ofOrganization(list);
      return Array.isArray(accounts) ? accounts : [await deps.ownAccount()];
    },
    organization: () => (list === undefined ? null : { ...state }),
  };
}

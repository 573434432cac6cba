import type { Clock } from '../clock.ts';
import { DomainError } from '../problems/problem.ts';

/** An account and a Region: what is surveyed at a time. */
export type Place = { account: string; region: string };

/** Why something could not be looked at, as in a problem document. */
export type LookProblem = { code: string; detail: string };

/** A survey that this process carries out: begun, or taken up where another left it. */
export type PlaceSurvey = Place & {
  startedAt: Date;
  /** Where it goes on; undefined at the beginning. */
  nextPage: string | undefined;
};

/** How far the survey of a place is. */
export type PlaceState = Place & {
  /** When the survey that is under way began. */
  startedAt: Date | null;
  /** When the last whole one ended, and what it found. */
  finishedAt: Date | null;
  secrets: number;
  failedAt: Date | null;
  problem: LookProblem | null;
};

/** The places of the estate. Each method @throws DomainError audit-unavailable. */
export interface EstatePlaces {
  /**
   * The estate is of these, as far as this process knows. What AWS tells of accounts and Regions, and what a configuration
   * says, replicas learn one after the other.
   * @returns others, of which no process has said so for 15 minutes
   */
  keep(places: readonly Place[]): Promise<Place[]>;
  /** Forgets a place of which no secret is left. */
  drop(place: Place): Promise<void>;
  all(): Promise<PlaceState[]>;
  find(place: Place): Promise<PlaceState | null>;
}

/** Who surveys a place: a lease keeps two replicas from one. Each method @throws DomainError audit-unavailable. */
export interface PlaceClaims {
  /** Of these places such as nobody works on and that are due: this process's from now on. */
  claimDue(of: readonly Place[], limit: number): Promise<PlaceSurvey[]>;
  /** The same of one place, due or not; null where another process works on it, or it is not of the estate. */
  claim(place: Place): Promise<PlaceSurvey | null>;
  /** Keeps the lease, and where the survey goes on. @returns false where the lease was lost */
  progress(place: Place, nextPage?: string): Promise<boolean>;
  /** The survey is whole. */
  finish(place: Place, found: { secrets: number; nextAt: Date }): Promise<void>;
  /** It ends for now; the next one goes on where it was. */
  fail(place: Place, problem: LookProblem, nextAt: Date): Promise<void>;
}

export type SurveyClock = { clock: Clock; sleep(ms: number, signal: AbortSignal): Promise<void> };

export const notOfEstate = (): DomainError =>
  new DomainError('validation-failed', {
    why: 'This is none of the accounts and Regions that are surveyed (ESTATE_ACCOUNTS, ESTATE_REGIONS).',
  });

import type { Authorizer } from '../../access/guard/authorizer.ts';
import { guardLook } from '../../access/guard/guard-change.ts';
import type { Identity } from '../../access/identity.ts';
import type { EstateGaps } from '../estate-index.ts';
import type { ReceivingState } from '../events/change-event-queue.ts';
import type { OwnChanges } from '../own-changes.ts';
import type { EstatePlaces, LookProblem, PlaceState } from '../place.ts';
import type { EstateAccounts } from '../places/accounts.ts';
import type { EstateRegions, RegionsState } from '../places/regions.ts';
import type { ToldState } from '../places/told-list.ts';

/** How much of the estate has been seen, and when. Times are RFC 3339. */
export type Coverage = {
  accounts: string[];
  regions: string[];
  /** As of the last whole survey of each place. */
  secrets: number;
  oldestLookAt: string | null;
  places: { total: number; surveyed: number; surveying: number; waiting: number; failed: number };
  /** What could not be looked at, and why: at most so many. */
  failures: Failure[];
  /** Whether the organization says which accounts these are; null where the configuration does. */
  organization: { asOf: string | null; problem: LookProblem | null } | null;
  /** Whether AWS says which Regions the accounts have enabled; null where the configuration says which are surveyed. */
  enabledRegions: { asOf: string | null; failures: RegionsState['failures'] } | null;
  /** Whether change events come in, at this replica; null without a queue of them. */
  changeEvents: { receiving: boolean; lastReceivedAt: string | null; problem: string | null } | null;
};

type Failure = LookProblem & {
  account: string;
  region: string;
  /** Null for all secrets of the place. */
  secret: { arn: string; name: string } | null;
  /** When it last was, if ever. */
  lastLookAt: string | null;
};

const MAX_FAILURES = 100;

/** @throws DomainError forbidden, audit-unavailable */
export type EstateViewer = { coverage(identity: Identity): Promise<Coverage> };

export function createEstateViewer(deps: {
  places: Pick<EstatePlaces, 'all'>;
  index: EstateGaps;
  ownChanges: Pick<OwnChanges, 'settle'>;
  authorizer: Authorizer;
  organization: EstateAccounts['organization'];
  enabledRegions: EstateRegions['state'];
  /** Null without a queue. */
  receiving(): ReceivingState | null;
}): EstateViewer {
  return {
    async coverage(identity) {
      guardLook(deps.authorizer, identity, 'readEstate');
      await deps.ownChanges.settle();
      const [places, { failed, oldestLookAt }] = await Promise.all([deps.places.all(), deps.index.gaps(MAX_FAILURES)]);
      const secretFailures = failed.flatMap(({ secret, problem, asOf, exposure }): Failure[] => {
        const { arn, name, account, region } = secret;
        const lastLookAt = exposure === null ? null : asOf.toISOString();
        return problem === null ? [] : [{ account, region, secret: { arn, name }, lastLookAt, ...problem }];
      });
      return {
        accounts: [...new Set(places.map(({ account }) => account))],
        regions: [...new Set(places.map(({ region }) => region))].sort(),
        secrets: places.reduce((sum, { secrets }) => sum + secrets, 0),
        oldestLookAt: oldestLookAt?.toISOString() ?? null,
        places: { total: places.length, ...countsOf(places) },
        organization: asOfThen(deps.organization()),
        enabledRegions: toldOf(deps.enabledRegions()),
        changeEvents: told(deps.receiving()),
        failures: [...places.flatMap(failureOf), ...secretFailures].slice(0, MAX_FAILURES),
      };
    },
  };
}

const asOfThen = (state: ToldState | null): Coverage['organization'] =>
  state && { asOf: state.asOf?.toISOString() ?? null, problem: state.problem };

const toldOf = (state: RegionsState | null): Coverage['enabledRegions'] =>
  state && { asOf: state.asOf?.toISOString() ?? null, failures: state.failures.slice(0, MAX_FAILURES) };

const told = (state: ReceivingState | null): Coverage['changeEvents'] =>
  state && {
    receiving: state.receiving,
    lastReceivedAt: state.lastReceivedAt?.toISOString() ?? null,
    problem: state.problem,
  };

function countsOf(places: readonly PlaceState[]) {
  const counts = { surveyed: 0, surveying: 0, waiting: 0, failed: 0 };
  for (const place of places) counts[statusOf(place)] += 1;
  return counts;
}

function statusOf({ problem, startedAt, finishedAt }: PlaceState): 'surveyed' | 'surveying' | 'waiting' | 'failed' {
  if (problem !== null) return 'failed';
  if (startedAt !== null) return 'surveying';
  return finishedAt === null ? 'waiting' : 'surveyed';
}

const failureOf = ({ account, region, problem, finishedAt }: PlaceState): Failure[] =>
  problem === null
    ? []
    : [{ account, region, secret: null, lastLookAt: finishedAt?.toISOString() ?? null, ...problem }];

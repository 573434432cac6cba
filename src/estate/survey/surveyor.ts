import type { ItemResult, ItemStatus } from '../../access/bulk/operation.ts';
import { parseArn, secretsIn } from '../../policy/arn.ts';
import { DomainError } from '../../problems/problem.ts';
import {
  type EstatePlaces,
  type LookProblem,
  notOfEstate,
  type Place,
  type PlaceClaims,
  type PlaceState,
  type SurveyClock,
} from '../place.ts';
import type { PlaceKeeper } from '../places/keep-places.ts';
import type { EstateLook } from './look.ts';
import type { PlaceSurveyor } from './survey-place.ts';

/** Places surveyed at once: each has a quota of its own where a role of its account is assumed. */
const PLACES_AT_ONCE = 4;
/** How often it is looked whether another process is done with a place. */
const ASK_EVERY_MS = 1_000;

type Surveyor = {
  /** Surveys what is due; a chore. */
  run(): Promise<void>;
  /** An item of an operation: a place, or one secret. `left` once the process stops. */
  carryOut(item: string): Promise<{ status: ItemStatus; result: ItemResult } | 'left'>;
  /** Begins nothing more, and leaves what is under way to others. */
  stop(): void;
};

export function createSurveyor(
  deps: SurveyClock & {
    places: Pick<EstatePlaces, 'find'> & Pick<PlaceClaims, 'claimDue' | 'claim'>;
    keep: PlaceKeeper;
    configured(): Promise<Place[]>;
    survey: PlaceSurveyor;
    look: Pick<EstateLook, 'again'>;
  },
): Surveyor {
  const { places, clock } = deps;
  const stopping = new AbortController();
  const { signal } = stopping;

  async function keepUp(): Promise<void> {
    const ours = await deps.configured();
    await deps.keep(ours);
    const worker = async () => {
      while (!signal.aborted) {
        const [claimed] = await places.claimDue(ours, 1);
        if (claimed === undefined) return;
        await deps.survey(claimed, signal);
      }
    };
    await Promise.all(Array.from({ length: PLACES_AT_ONCE }, worker));
  }

  /** Until a survey has ended since, whoever carried it out. */
  async function surveyed(place: Place): Promise<PlaceState> {
    const since = clock();
    await deps.keep(await deps.configured());
    for (;;) {
      const state = await places.find(place);
      if (state === null) throw notOfEstate();
      if (hasEnded(state, since)) return state;
      const claimed = await places.claim(place);
      if (claimed === null) await deps.sleep(ASK_EVERY_MS, signal);
      else await deps.survey(claimed, signal);
      signal.throwIfAborted();
    }
  }

  async function itemProblem(item: string): Promise<LookProblem | null> {
    const place = placeIn(item);
    if (place !== undefined) return (await surveyed(place)).problem;
    await deps.look.again(item);
    return null;
  }

  return {
    run: () => orStopped(keepUp(), signal),
    async carryOut(item) {
      try {
        const problem = await orStopped(itemProblem(item), signal);
        if (problem === undefined) return 'left';
        return problem === null ? { status: 'applied', result: {} } : { status: 'failed', result: { problem } };
      } catch (error) {
        if (signal.aborted) return 'left';
        if (!(error instanceof DomainError)) throw error;
        return { status: 'failed', result: { problem: { code: error.code, detail: error.message } } };
      }
    },
    stop: () => stopping.abort(),
  };
}

const hasEnded = ({ finishedAt, failedAt }: PlaceState, since: Date): boolean =>
  [finishedAt, failedAt].some((at) => at !== null && at >= since);

/** An operation names a place in the place of a secret. */
function placeIn(item: string): Place | undefined {
  const arn = parseArn(item);
  return arn !== undefined && secretsIn(arn) === item ? { account: arn.account, region: arn.region } : undefined;
}

/** What is under way when the process stops is not waited for: it finds out by itself. */
async function orStopped<T>(work: Promise<T>, signal: AbortSignal): Promise<T | undefined> {
  const { promise: stopped, resolve } = Promise.withResolvers<undefined>();
  const stop = () => resolve(undefined);
  signal.addEventListener('abort', stop, { once: true });
  return Promise.race([work, stopped]).finally(() => signal.removeEventListener('abort', stop));
}

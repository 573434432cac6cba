import type { SecretDirectory, SecretSummary } from '../../access/looks/secret-directory.ts';
import type { Page } from '../../page.ts';
import { patiently } from '../../patience.ts';
import { parseArn } from '../../policy/arn.ts';
import { DomainError } from '../../problems/problem.ts';
import { holdHeapSmall } from '../../small-heap.ts';
import type { Foreground } from '../../turns/foreground.ts';
import type { EstateIndex } from '../estate-index.ts';
import type { Place, PlaceClaims, PlaceSurvey, SurveyClock } from '../place.ts';
import type { EstateLook } from './look.ts';

/** Secrets of one call of ListSecrets; after each such page it is noted where the survey goes on. */
const PAGE = 100;
/** Looks under way at once: what fills 50 calls a second at 150 ms each. The pace holds the quota. */
const LOOKS_AT_ONCE = 8;
/** The lease of a place is kept at least that often. */
const RENEW_EVERY_MS = 10_000;
/** After a survey that failed. */
const AGAIN_AFTER_MS = 5 * 60_000;

/** Surveys one account and Region that this process has claimed. Never rejects for what AWS answers: the place says it. */
export type PlaceSurveyor = (survey: PlaceSurvey, signal: AbortSignal) => Promise<void>;

export function createPlaceSurveyor(
  deps: SurveyClock & {
    directory: SecretDirectory;
    places: Pick<PlaceClaims, 'progress' | 'finish' | 'fail'>;
    index: Pick<EstateIndex, 'forgetUnseen'>;
    look: Pick<EstateLook, 'atSecret' | 'leaving'>;
    foreground: Pick<Foreground, 'quiet'>;
    everyMs: number;
  },
): PlaceSurveyor {
  const { places, index, clock } = deps;
  const after = (ms: number) => new Date(clock().getTime() + ms);

  const trying = <T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> =>
    patiently(work, (ms) => deps.sleep(ms, signal));

  /** AWS may no longer know the token that another process left. */
  async function firstPage(survey: PlaceSurvey, signal: AbortSignal): Promise<Page<SecretSummary>> {
    const list = (cursor?: string) => trying(() => listIn(survey, cursor), signal);
    if (survey.nextPage === undefined) return list();
    return list(survey.nextPage).catch((error) => {
      if (error instanceof DomainError && error.code === 'validation-failed') return list();
      throw error;
    });
  }

  async function listIn(place: Place, cursor: string | undefined): Promise<Page<SecretSummary>> {
    const { account, region } = place;
    const page = await deps.directory.list({ place: { account, region }, limit: PAGE, cursor });
    const stranger = page.items.find(({ arn }) => !isIn(place, arn));
    if (stranger === undefined) return page;
    const why = `AWS listed ${stranger.arn} where secrets of account ${account} in ${region} were asked for: set ASSUME_ROLE_NAME.`;
    throw new DomainError('aws-error', { why });
  }

  /** @returns false once another process has taken the place over */
  async function lookAtAll(items: readonly SecretSummary[], place: Place, signal: AbortSignal): Promise<boolean> {
    const waiting = items.values();
    let isOurs = true;
    let keptAt = clock().getTime();
    const worker = async () => {
      for (const summary of waiting) {
        signal.throwIfAborted();
        if (!isOurs) return;
        if (clock().getTime() - keptAt > RENEW_EVERY_MS) {
          keptAt = clock().getTime();
          isOurs = await places.progress(place);
        }
        await deps.foreground.quiet();
        await trying(() => deps.look.atSecret(summary, place), signal);
      }
    };
    const stopping = (error: unknown) => {
      isOurs = false;
      throw error;
    };
    const ended = await Promise.allSettled(Array.from({ length: LOOKS_AT_ONCE }, () => worker().catch(stopping)));
    const failure = ended.find(({ status }) => status === 'rejected');
    if (failure?.status === 'rejected') throw failure.reason;
    return isOurs;
  }

  async function survey(claimed: PlaceSurvey, signal: AbortSignal): Promise<void> {
    let page = await firstPage(claimed, signal);
    for (;;) {
      if (!(await lookAtAll(page.items, claimed, signal))) return;
      const { nextCursor } = page;
      if (nextCursor === null) break;
      if (!(await places.progress(claimed, nextCursor))) return;
      page = await trying(() => listIn(claimed, nextCursor), signal);
    }
    const secrets = await index.forgetUnseen(claimed, claimed.startedAt, deps.look.leaving);
    await places.finish(claimed, { secrets, nextAt: after(deps.everyMs) });
  }

  return async (claimed, signal) => {
    const letGrow = holdHeapSmall();
    try {
      await survey(claimed, signal);
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof DomainError) || error.code === 'audit-unavailable') throw error;
      const nextAt = after(Math.min(AGAIN_AFTER_MS, deps.everyMs));
      await places.fail(claimed, { code: error.code, detail: error.message }, nextAt);
    } finally {
      letGrow();
    }
  };
}

const isIn = ({ account, region }: Place, arn: string): boolean => {
  const found = parseArn(arn);
  return found?.account === account && found.region === region;
};

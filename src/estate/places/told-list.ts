import { type Clock, isWithin } from '../../clock.ts';
import { DomainError } from '../../problems/problem.ts';
import type { LookProblem } from '../place.ts';

/** When AWS last told a list, and why it does not now. */
export type ToldState = { asOf: Date | null; problem: LookProblem | null };

/** A list that AWS tells, and that seldom changes. */
export type ToldList = {
  /** As told last. @throws DomainError aws-… where it was never told */
  all(): Promise<readonly string[]>;
  state(): ToldState;
};

/** AWS is asked that often, and after a failure. What was told last counts meanwhile. */
const ASK_EVERY_MS = 10 * 60_000;
const ASK_AGAIN_AFTER_MS = 60_000;

/** @param deps.before what counts where AWS has told nothing since the start; undefined for nothing */
export function createToldList(deps: {
  list(): Promise<readonly string[]>;
  before(): Promise<readonly string[] | undefined>;
  clock: Clock;
}): ToldList {
  const { clock } = deps;
  let told: readonly string[] | undefined;
  let asking: Promise<readonly string[]> | undefined;
  let asked = { at: Number.NEGATIVE_INFINITY, waitMs: 0 };
  const state: ToldState = { asOf: null, problem: null };

  async function ask(): Promise<readonly string[]> {
    asked = { at: clock().getTime(), waitMs: ASK_AGAIN_AFTER_MS };
    try {
      told = await deps.list();
      asked = { at: clock().getTime(), waitMs: ASK_EVERY_MS };
      Object.assign(state, { asOf: clock(), problem: null });
      return told;
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      state.problem = { code: error.code, detail: error.message };
      told ??= await deps.before();
      if (told === undefined) throw error;
      return told;
    }
  }

  return {
    async all() {
      if (told === undefined || !isWithin(asked.waitMs, asked.at, clock().getTime()))
        asking ??= ask().finally(() => {
          asking = undefined;
        });
      return told ?? asking ?? ask();
    },
    state: () => ({ ...state }),
  };
}

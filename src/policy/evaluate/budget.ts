/**
 * How much work a look may still take. Patterns that were written to be slow, or statements without end, use it up: what
 * is left to judge then is `unknown`, and says so. One budget may serve many evaluations: those of one request.
 */
export type Budget = {
  left: number;
  /** Once no more is left than this, work that others may interrupt lets them (InTurns). */
  pauseAt?: number;
};

/** Steps: characters compared, statements and principals looked at. About 50 ms of computing. */
const STEPS = 4_000_000;

/** What may be taken where others come in between (InTurns). */
export const STEPS_IN_TURNS = 10_000_000;

export const newBudget = (steps = STEPS): Budget => ({ left: steps });

export const isSpent = ({ left }: Budget): boolean => left <= 0;

/** Takes steps from the budget; false when that was more than is left. */
export function spend(budget: Budget, steps: number): boolean {
  budget.left -= steps;
  return budget.left > 0;
}

/** Work that yields wherever others may come in between; what it works on never changes, so that it may wait as long as they like. */
export type InTurns<Result> = Generator<undefined, Result, undefined>;

/** Whether it is time to let others come in. */
export const isDue = ({ left, pauseAt }: Budget): boolean => pauseAt !== undefined && left <= pauseAt;

/** Does it at once, whoever waits. */
export function atOnce<Result>(work: InTurns<Result>): Result {
  for (;;) {
    const { done, value } = work.next();
    if (done === true) return value;
  }
}

/** What one piece of work takes at most in which nobody can come in between. */
const AT_A_TIME = 150_000;

/** Gives a piece of work no more of a budget than that: what it leaves open then is `unknown`, and the next piece has its own. */
export function withinPart<Result>(budget: Budget, work: (part: Budget) => Result): Result {
  const given = Math.min(budget.left, AT_A_TIME);
  const part = newBudget(given);
  const result = work(part);
  // What would have been too much was not done.
  spend(budget, Math.min(given, given - part.left));
  return result;
}

/** The same, once others that are due have had their turn. */
export function* partInTurns<Result>(budget: Budget, work: (part: Budget) => Result): InTurns<Result> {
  if (isDue(budget)) yield;
  return withinPart(budget, work);
}

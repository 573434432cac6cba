/**
 * How much work a look may still take. Patterns that were written to be slow, or statements without end, use it up: what
 * is left to judge then is `unknown`, and says so. One budget may serve many evaluations: those of one request.
 */
export type Budget = { left: number };

/** Steps: characters compared, statements and principals looked at. About 50 ms of computing. */
const STEPS = 4_000_000;

export const newBudget = (steps = STEPS): Budget => ({ left: steps });

export const isSpent = ({ left }: Budget): boolean => left <= 0;

/** Takes steps from the budget; false when that was more than is left. */
export function spend(budget: Budget, steps: number): boolean {
  budget.left -= steps;
  return budget.left > 0;
}

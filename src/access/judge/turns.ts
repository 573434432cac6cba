import { type Budget, type InTurns, newBudget, STEPS_IN_TURNS } from '../../policy/evaluate/budget.ts';
import { callerKey, type Identity } from '../identity.ts';

/**
 * Steps (budget.ts) that all judging together takes in one turn of the event loop: mostly some 5 ms; hostile documents
 * have been seen to take 46 ms of a busy machine, since one evaluation may take more (budget.ts). They are counted and not timed, so
 * that what is judged, and where it pauses, is the same on every machine.
 */
const STEPS_A_TURN = 100_000;

/** Goes on for so many steps. @returns how many it took, and whether it is done */
type GoOn = (steps: number) => { took: number; done: boolean };

/** What is not done, by caller; who had a turn last comes last. There is one event loop, and so one of these. */
const waiting = new Map<string, GoOn[]>();
let stepsLeft = STEPS_A_TURN;
let isTurnComing = false;

/**
 * Judges for a caller in turns with all else that the event loop has to do, and with what is judged for others: whoever has much to
 * be judged holds up itself only. Of one caller one thing is judged at a time, in the order in which they came.
 * @param work is to work on what never changes, since others go on meanwhile
 * @throws what the work throws
 */
export function judgeInTurns<Result>(
  identity: Identity,
  work: (budget: Budget) => InTurns<Result>,
  budget = newBudget(STEPS_IN_TURNS),
): Promise<Result> {
  const { promise, resolve, reject } = Promise.withResolvers<Result>();
  let begun: InTurns<Result> | undefined;
  const goOn: GoOn = (some) => {
    const before = budget.left;
    budget.pauseAt = before - some;
    try {
      begun ??= work(budget);
      const { done, value } = begun.next();
      if (done === true) resolve(value);
      return { took: before - budget.left, done: done === true };
    } catch (error) {
      reject(error);
      return { took: before - budget.left, done: true };
    }
  };
  const who = callerKey(identity);
  const others = waiting.get(who);
  if (others === undefined) waiting.set(who, [goOn]);
  else others.push(goOn);
  takeTurn();
  return promise;
}

/** As much as this turn has room for; the next has room again. */
function takeTurn(): void {
  while (stepsLeft > 0) {
    const [first] = waiting;
    if (first === undefined) break;
    const [who, [goOn, ...others]] = first;
    waiting.delete(who);
    const { took, done } = goOn?.(stepsLeft) ?? { took: 0, done: true };
    stepsLeft -= took;
    const left = done || goOn === undefined ? others : [goOn, ...others];
    if (left.length > 0) waiting.set(who, left);
  }
  if (isTurnComing || stepsLeft === STEPS_A_TURN) return;
  isTurnComing = true;
  setImmediate(() => {
    isTurnComing = false;
    stepsLeft = STEPS_A_TURN;
    takeTurn();
  });
}

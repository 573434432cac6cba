import { asArray, type PolicyDocument, type Statement, statementsOf, testsOf } from '../../../policy/document.ts';
import { type InTurns, isDue, isSpent, spend } from '../../../policy/evaluate/budget.ts';
import { evaluateStatements } from '../../../policy/evaluate/evaluate.ts';
import type { JudgedCall } from '../../../policy/evaluate/evaluation.ts';
import { UNKNOWN } from '../../../policy/evaluate/request-context.ts';
import { appliesToAction } from '../../../policy/evaluate/statement.ts';
import { namingOf } from '../../../policy/evaluate/statement-principal.ts';
import { variablesIn } from '../../../policy/evaluate/variables.ts';
import { perStatement } from '../../../policy/per-document.ts';
import { placesOf } from '../../secret.ts';
import { judgedCall } from '../judged-call.ts';
import type { Reader } from '../reader.ts';
import { momentsIn } from './moments.ts';
import { type Move, type Moves, movesOf, NO_MOVES, type Transition } from './moves.ts';

export type Way = keyof Moves;

/** Every move of somebody, each by its conditions in words. */
export type ToldMoves = Record<Way, string[][]>;

/** A change, and the statements that only one of its two policies has. */
type Compared = { transition: Transition; changed: readonly PolicyDocument[] };

/** To look at a statement takes as long as to compare so many characters, and to find out whether it is of somebody. */
const STEPS_OF_STATEMENT = 5;
const STEPS_TO_SORT_OUT = 60;

/**
 * What a change moves wherever the secret is, now and later: what moves later only says from when on. All actions are judged
 * in all Regions: a replica can be promoted, and keeps its policy.
 */
export function toldMoves(compared: Compared) {
  const { before, after, budget } = compared.transition;
  const size = statementsOf(before).length + statementsOf(after).length;
  const varies = placesToJudge(compared.transition).length > 1 || momentsToJudge(compared.transition).length > 1;
  return function* (reader: Reader, action: string): InTurns<ToldMoves> {
    spend(budget, size * (varies ? STEPS_TO_SORT_OUT : STEPS_OF_STATEMENT));
    const { transition, changed } = varies ? whatConcerns(compared, reader, action) : compared;
    const looks: { from: string | null; moves: ToldMoves }[] = [];
    for (const { now, from } of momentsToJudge(transition)) {
      // What is judged without a budget says that anything may be: once is enough.
      const isLast = isSpent(transition.budget);
      looks.push({ from, moves: yield* inRegions({ transition: { ...transition, now }, changed }, reader, action) });
      if (isLast) break;
    }
    const told = (way: Way) => inTime(looks.map(({ from, moves }) => ({ from, moves: moves[way] })));
    return { gains: told('gains'), loses: told('loses') };
  };
}

const momentsToJudge = ({ before, after, now }: Transition) => momentsIn([before, after].flatMap(statementsOf), now);

function* inRegions({ transition, changed }: Compared, reader: Reader, action: string): InTurns<ToldMoves> {
  const looks: { region: string; moves: Moves }[] = [];
  for (const secret of placesToJudge(transition)) {
    if (isDue(transition.budget)) yield;
    const here = { transition: { ...transition, secret }, changed };
    const moves = isTouched(here, reader, action) ? yield* movesOf(here.transition, reader, action) : NO_MOVES;
    looks.push({ region: secret.region, moves });
  }
  const told = (way: Way) => movesByRegion(looks.map(({ region, moves }) => ({ region, move: moves[way] })));
  return { gains: told('gains'), loses: told('loses') };
}

const requestIn = ({ secret, now, budget, before, after }: Transition, reader: Reader, action: string): JudgedCall =>
  judgedCall({ secret, reader, action, now, policies: [before, after], budget });

function isTouched({ transition, changed }: Compared, reader: Reader, action: string): boolean {
  const request = requestIn(transition, reader, action);
  return changed.some((document) => evaluateStatements(document, request, 'resourcePolicy').length > 0);
}

/** The same less the statements that are not of somebody or of an action: what is left is judged many times. */
function whatConcerns({ transition, changed }: Compared, { caller }: Reader, action: string): Compared {
  const { before, after, budget } = transition;
  const concerns = (statement: Statement): boolean => {
    if (appliesToAction(statement, action, budget) === 'no') return false;
    const { direct, delegated } = namingOf(statement, caller, () => UNKNOWN, budget);
    return direct !== 'no' || delegated !== 'no';
  };
  const less = (document: PolicyDocument): PolicyDocument => ({
    ...document,
    Statement: statementsOf(document).filter(concerns),
  });
  return {
    transition: { ...transition, before: before && less(before), after: after && less(after) },
    changed: changed.map(less),
  };
}

/** What is so in all Regions once, without a word of them. */
function movesByRegion(moves: readonly { region: string; move: Move }[]): string[][] {
  const moved = moves.flatMap(({ region, move }) => (move === null ? [] : [{ region, conditions: move.conditions }]));
  return [...Map.groupBy(moved, ({ conditions }) => conditions.join('\n')).values()].map((same) => {
    const conditions = same[0]?.conditions ?? [];
    const where = same.map(({ region }) => region).join(', ');
    return same.length === moves.length ? conditions : [`In ${where}.`, ...conditions];
  });
}

/** What is so from some moment on, once. */
function inTime(looks: readonly { from: string | null; moves: string[][] }[]): string[][] {
  const known: string[][] = [];
  return looks.flatMap(({ from, moves }) => {
    const fresh = moves.filter((move) => !known.some((one) => one.length === 0 || one.join('\n') === move.join('\n')));
    known.push(...fresh);
    return from === null ? fresh : fresh.map((move) => [from, ...move]);
  });
}

/** The secret in each of its Regions, where the policies tell them apart and the budget (budget.ts) lasts; else once. */
function placesToJudge({ secret, before, after, budget }: Transition): Transition['secret'][] {
  const primaryRegion = secret.primaryRegion ?? secret.region;
  const [, ...replicas] = placesOf(secret);
  const statements = [before, after].flatMap(statementsOf);
  if (replicas.length === 0 || isSpent(budget) || !statements.some(tellsRegionsApart)) return [secret];
  return [secret, ...replicas.map(({ arn, region }) => ({ ...secret, arn, region, primaryRegion }))];
}

const tellsRegionsApart = perStatement((statement): boolean => {
  const { Resource, NotResource } = statement;
  const resources = [...asArray(Resource), ...asArray(NotResource)];
  const tests = testsOf(statement);
  const keys = [...tests.map(({ key }) => key), ...tests.flatMap(({ values }) => values.flatMap(variablesIn))];
  return resources.some((text) => text !== '*') || keys.some((key) => OF_REGIONS.has(key.toLowerCase()));
});

const OF_REGIONS: ReadonlySet<string> = new Set(['aws:requestedregion', 'secretsmanager:secretid']);

import { canonicalStatement } from '../../../policy/canonical.ts';
import type { PolicyDocument, Statement } from '../../../policy/document.ts';
import { type Budget, type InTurns, isDue, isSpent, spend, withinPart } from '../../../policy/evaluate/budget.ts';
import { evaluateAccess } from '../../../policy/evaluate/evaluate.ts';
import type { Decision, Evaluation, JudgedCall, StatementVerdict } from '../../../policy/evaluate/evaluation.ts';
import { contextOf } from '../../../policy/evaluate/request-context.ts';
import { perStatement } from '../../../policy/per-document.ts';
import type { Secret } from '../../secret.ts';
import { hangsOn, TOO_MUCH } from '../dependency.ts';
import { lastExpiry } from '../expiry.ts';
import { EVERYTHING } from '../judge-policy.ts';
import { type AskedSecret, type GivenContext, judgedCall } from '../judged-call.ts';
import type { Reader } from '../reader.ts';
import { witnessesOf } from './witnesses.ts';

/** A policy before and after a change, and the secret whose it is. */
export type Transition = {
  secret: AskedSecret & Pick<Secret, 'partition' | 'kmsKeyId' | 'replicas'>;
  now: Date;
  budget: Budget;
  before: PolicyDocument | null;
  after: PolicyDocument | null;
};

/** What one of a set wins or loses; conditions in words, none where all of the set do in every call. Null: nobody does. */
export type Move = { conditions: string[] } | null;
export type Moves = { gains: Move; loses: Move };

export const NO_MOVES: Moves = { gains: null, loses: null };

/** Callers and calls that are tried at most for one set and action; past it, what may be is taken to be. */
const MOST_WITNESSES = 4_096;

/**
 * Whether somebody of a set may do after a change what it might not do before, or the other way round. Identity policies
 * are taken to allow, except that in the secret's own account a policy also matters to those who have none.
 */
export function* movesOf(transition: Transition, reader: Reader, action: string): InTurns<Moves> {
  const isOwn = reader.caller.account === transition.secret.account;
  const moves: Moves[] = [];
  for (const identity of isOwn ? [[EVERYTHING], []] : [[EVERYTHING]])
    moves.push(yield* movesWith(transition, reader, action, identity));
  const best = (way: keyof Moves): Move => {
    const some = moves.flatMap((move) => move[way] ?? []);
    return some.toSorted((a, b) => a.conditions.length - b.conditions.length)[0] ?? null;
  };
  return { gains: best('gains'), loses: best('loses') };
}

type Side = 'before' | 'after';

/** To say what a statement hangs on takes as long as to compare so many characters. */
const STEPS_OF_WORDS = 500;

function* movesWith(
  transition: Transition,
  reader: Reader,
  action: string,
  identity: PolicyDocument[],
): InTurns<Moves> {
  const { before: had, after: has } = transition;
  const requestOf = (of: Reader, given: GivenContext, budget: Budget): JudgedCall => {
    const { secret, now } = transition;
    return judgedCall({ secret, reader: of, action, now, policies: [had, has], given, budget });
  };
  const ask = (side: Side, of: Reader = reader, given: GivenContext = {}): Evaluation =>
    withinPart(transition.budget, (part) =>
      evaluateAccess({
        request: requestOf(of, given, part),
        resourcePolicy: transition[side],
        identityPolicies: identity,
      }),
    );
  const before = ask('before');
  if (isDue(transition.budget)) yield;
  const after = ask('after');
  if (before.decision !== 'unknown' && after.decision !== 'unknown') {
    if (isAllowed(before) === isAllowed(after)) return NO_MOVES;
    return isAllowed(after)
      ? { gains: { conditions: untilWhen(after) }, loses: null }
      : { gains: null, loses: { conditions: [] } };
  }
  if (isDue(transition.budget)) yield;
  const keys = [...before.because, ...after.because].flatMap(({ dependsOn }) => dependsOn);
  const witnesses = isSpent(transition.budget)
    ? undefined
    : withinPart(transition.budget, (budget) =>
        witnessesOf(reader, keys, [had, has], {
          contextFor: (of) => contextOf(requestOf(of, {}, budget)),
          most: MOST_WITNESSES,
          budget,
        }),
      );
  const decisions: [Decision, Decision][] = [];
  for (const { reader: one, given } of witnesses ?? []) {
    if (isSpent(transition.budget)) break;
    if (isDue(transition.budget)) yield;
    decisions.push([ask('before', one, given).decision, ask('after', one, given).decision]);
  }
  const happens = (from: 0 | 1, to: 0 | 1): boolean =>
    witnesses === undefined || isSpent(transition.budget)
      ? mayMove(before, after, from)
      : decisions.some((pair) => isDenied(pair[from]) && pair[to] === 'allowed') ||
        (decisions.some((pair) => pair.includes('unknown')) && mayMove(before, after, from));
  const [gains, loses] = [happens(0, 1), happens(1, 0)];
  if (!gains && !loses) return NO_MOVES;
  const seen = { before: dependenciesIn(before, transition.budget), after: dependenciesIn(after, transition.budget) };
  const conditions = [...seen.after, ...seen.before.filter((text) => !seen.after.includes(text)).map(untilNow)];
  const told = conditions.length === 0 ? [BY_CONDITIONS] : conditions;
  return {
    gains: gains ? { conditions: [...told, ...untilWhen(after)] } : null,
    loses: loses ? { conditions: told } : null,
  };
}

const isDenied = (decision: Decision): boolean => decision === 'explicitlyDenied' || decision === 'implicitlyDenied';
const isAllowed = ({ decision }: Evaluation): boolean => decision === 'allowed';

/**
 * Where not every call can be tried: whether an Allow is new that may do it, or a Deny is gone.
 * @param from 0: a gain, 1: a loss
 */
function mayMove(before: Evaluation, after: Evaluation, from: 0 | 1): boolean {
  const [one, other] = from === 0 ? [before, after] : [after, before];
  if (isAllowed(one) || isDenied(other.decision)) return false;
  const lacks = ({ because }: Evaluation) => {
    const known = new Set(because.map(({ statement }) => textOf(statement)));
    return ({ statement }: StatementVerdict) => !known.has(textOf(statement));
  };
  const of = (effect: Statement['Effect'], { because }: Evaluation) => because.filter((some) => some.effect === effect);
  return of('Allow', other).some(lacks(one)) || of('Deny', one).some(lacks(other));
}

const textOf = perStatement(canonicalStatement);

function dependenciesIn({ decision, because }: Evaluation, budget: Budget): string[] {
  if (decision !== 'unknown') return [];
  return spend(budget, because.length * STEPS_OF_WORDS) ? hangsOn(because) : [`The policy’s ${TOO_MUCH}.`];
}

const untilNow = (text: string): string => `Before: ${text}`;
const BY_CONDITIONS = 'Under conditions of the policy.';

/** When it ends by itself. */
function untilWhen({ because }: Evaluation): string[] {
  const allows = because.filter(({ effect, source }) => effect === 'Allow' && source === 'resourcePolicy');
  const end = lastExpiry(allows.map(({ statement }) => statement));
  return end === null ? [] : [`Until ${end.toISOString().replace('.000Z', 'Z')}.`];
}

import { canonicalStatement } from '../../../policy/canonical.ts';
import type { PolicyDocument } from '../../../policy/document.ts';
import { type Budget, isSpent } from '../../../policy/evaluate/budget.ts';
import { evaluateAccess } from '../../../policy/evaluate/evaluate.ts';
import type { Decision, Evaluation, JudgedCall, StatementVerdict } from '../../../policy/evaluate/evaluation.ts';
import { contextOf } from '../../../policy/evaluate/request-context.ts';
import type { Secret } from '../../secret.ts';
import { hangsOn } from '../dependency.ts';
import { lastExpiry } from '../expiry.ts';
import { EVERYTHING } from '../judge-policy.ts';
import { type AskedSecret, type GivenContext, judgedCall } from '../judged-call.ts';
import type { Reader } from '../reader.ts';
import { type Witness, witnessesOf } from './witnesses.ts';

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
export function movesOf(transition: Transition, reader: Reader, action: string): Moves {
  const isOwn = reader.caller.account === transition.secret.account;
  const moves = (isOwn ? [[EVERYTHING], []] : [[EVERYTHING]]).map((identity) =>
    movesWith(transition, reader, action, identity),
  );
  const best = (way: keyof Moves): Move => {
    const some = moves.flatMap((move) => move[way] ?? []);
    return some.toSorted((a, b) => a.conditions.length - b.conditions.length)[0] ?? null;
  };
  return { gains: best('gains'), loses: best('loses') };
}

type Side = 'before' | 'after';

function movesWith(transition: Transition, reader: Reader, action: string, identity: PolicyDocument[]): Moves {
  const { before: had, after: has } = transition;
  const requestOf = (of: Reader, given: GivenContext = {}): JudgedCall => {
    const { secret, now, budget } = transition;
    return judgedCall({ secret, reader: of, action, now, policies: [had, has], given, budget });
  };
  const ask = (side: Side, of: Reader = reader, given: GivenContext = {}): Evaluation =>
    evaluateAccess({ request: requestOf(of, given), resourcePolicy: transition[side], identityPolicies: identity });
  const [before, after] = [ask('before'), ask('after')];
  if (before.decision !== 'unknown' && after.decision !== 'unknown') {
    if (isAllowed(before) === isAllowed(after)) return NO_MOVES;
    return isAllowed(after)
      ? { gains: { conditions: untilWhen(after) }, loses: null }
      : { gains: null, loses: { conditions: [] } };
  }
  const seen = { before: dependenciesIn(before), after: dependenciesIn(after) };
  const keys = [...before.because, ...after.because].flatMap(({ dependsOn }) => dependsOn);
  const witnesses = isSpent(transition.budget)
    ? undefined
    : witnessesOf(reader, keys, [had, has], {
        contextFor: (of) => contextOf(requestOf(of)),
        most: MOST_WITNESSES,
        budget: transition.budget,
      });
  const decisions = witnesses?.map(({ reader: one, given }: Witness): [Decision, Decision] => [
    ask('before', one, given).decision,
    ask('after', one, given).decision,
  ]);
  const happens = (from: 0 | 1, to: 0 | 1): boolean =>
    decisions === undefined || isSpent(transition.budget)
      ? mayMove(before, after, from)
      : decisions.some((pair) => isDenied(pair[from]) && pair[to] === 'allowed') ||
        (decisions.some((pair) => pair.includes('unknown')) && mayMove(before, after, from));
  const conditions = [...seen.after, ...seen.before.filter((text) => !seen.after.includes(text)).map(untilNow)];
  const told = conditions.length === 0 ? [BY_CONDITIONS] : conditions;
  return {
    gains: happens(0, 1) ? { conditions: [...told, ...untilWhen(after)] } : null,
    loses: happens(1, 0) ? { conditions: told } : null,
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
  const has = ({ because }: Evaluation, verdict: StatementVerdict) =>
    because.some(({ statement }) => canonicalStatement(statement) === canonicalStatement(verdict.statement));
  return (
    other.because.some((verdict) => verdict.effect === 'Allow' && !has(one, verdict)) ||
    one.because.some((verdict) => verdict.effect === 'Deny' && !has(other, verdict))
  );
}

const dependenciesIn = ({ decision, because }: Evaluation): string[] =>
  decision === 'unknown' ? hangsOn(because) : [];

const untilNow = (text: string): string => `Before: ${text}`;
const BY_CONDITIONS = 'Under conditions of the policy.';

/** When it ends by itself. */
function untilWhen({ because }: Evaluation): string[] {
  const allows = because.filter(({ effect, source }) => effect === 'Allow' && source === 'resourcePolicy');
  const end = lastExpiry(allows.map(({ statement }) => statement));
  return end === null ? [] : [`Until ${end.toISOString().replace('.000Z', 'Z')}.`];
}

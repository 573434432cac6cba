import { type Budget, type InTurns, partInTurns } from '../../../policy/evaluate/budget.ts';
import type { Caller, Decision, JudgedCall } from '../../../policy/evaluate/evaluation.ts';
import { any } from '../../../policy/evaluate/truth.ts';
import type { Leg } from '../legs/leg.ts';
import { callOf, type Need } from '../legs/need.ts';
import { type NamedVerdict, verdictsOf } from './named-verdicts.ts';
import type { NamedPolicy } from './own-policies.ts';

/** Whose policies are asked; `boundary`: undefined where it is not known whether there is one. */
export type OwnPolicySet = {
  caller: Caller;
  identity: readonly NamedPolicy[];
  boundary: NamedPolicy | null | undefined;
  budget: Budget;
};

/** What stands, or may stand, in the way of one action. `because`: the statements that decide, or could. */
export type Obstacle = {
  region: string;
  action: string;
  status: 'missing' | 'unknown';
  of: 'identity' | 'boundary';
  because: readonly NamedVerdict[];
};

export type OwnAnswer = { region: string; status: Leg['status']; obstacles: readonly Obstacle[] };

/**
 * Whether policies of a user or role let it do each action of a need. A permissions boundary gives nothing: what it does not allow is
 * refused, unless a policy of the other side, in the same account, names the user or session itself; what it denies is refused anyhow.
 * Source: IAM User Guide, "Permissions boundaries for IAM entities" and "Policy evaluation logic".
 */
export function* judgeOwnSide(needs: readonly Need[], policies: OwnPolicySet): InTurns<OwnAnswer[]> {
  const answers: OwnAnswer[] = [];
  for (const need of needs) {
    for (const action of need.actions) {
      const answer = yield* partInTurns(policies.budget, (budget) => answerOf(need, action, { ...policies, budget }));
      answers.push(answer);
    }
  }
  return answers;
}

function answerOf(need: Need, action: string, { caller, identity, boundary, budget }: OwnPolicySet): OwnAnswer {
  const { region } = need;
  const request = callOf(need, action, { caller, budget });
  const found = [
    { of: 'identity' as const, ...ofIdentity(need, say(identity, request)) },
    ...(boundary ? [{ of: 'boundary' as const, ...ofBoundary(need, say([boundary], request)) }] : []),
  ];
  return {
    region,
    status: worstOf(found.map(({ status }) => status)),
    obstacles: found.flatMap(({ of, status, because }): Obstacle[] =>
      status === 'missing' || status === 'unknown' ? [{ region, action, status, of, because }] : [],
    ),
  };
}

/** What some policies say together, and without their Allows. */
type Said = { decision: Decision; denies: boolean; mayDeny: boolean; because: NamedVerdict[] };

function say(policies: readonly NamedPolicy[], request: JudgedCall): Said {
  const verdicts = verdictsOf(policies, request, 'identityPolicy');
  const of = (effect: 'Allow' | 'Deny') => verdicts.filter((verdict) => verdict.effect === effect);
  const [denials, allows] = [of('Deny'), of('Allow')];
  const denied = any(denials.map(({ applies }) => applies));
  const allowed = any(allows.map(({ applies }) => applies));
  const common = { denies: denied === 'yes', mayDeny: denied !== 'no' };
  if (denied === 'yes') {
    return { ...common, decision: 'explicitlyDenied', because: denials.filter(({ applies }) => applies === 'yes') };
  }
  if (allowed === 'no') return { ...common, decision: 'implicitlyDenied', because: [] };
  if (denied === 'no' && allowed === 'yes') return { ...common, decision: 'allowed', because: [] };
  return { ...common, decision: 'unknown', because: allowed === 'yes' ? denials : verdicts };
}

type Found = { status: Leg['status']; because: readonly NamedVerdict[] };

function ofIdentity({ allow, maybe = false }: Need, { decision, denies, mayDeny, because }: Said): Found {
  if (allow === 'no') {
    const status = !mayDeny ? 'notNeeded' : denies && !maybe ? 'missing' : 'unknown';
    return { status, because: because.filter(({ effect }) => effect === 'Deny') };
  }
  if (decision === 'allowed') return { status: 'done', because };
  const isSure = denies || (decision === 'implicitlyDenied' && allow === 'yes');
  return { status: isSure && !maybe ? 'missing' : 'unknown', because };
}

/** `notNeeded`: nothing against it. */
function ofBoundary({ allow, byName, maybe = false }: Need, { decision, denies, mayDeny, because }: Said): Found {
  if (decision === 'allowed' || (byName === 'yes' && !mayDeny)) return { status: 'notNeeded', because: [] };
  // Whether what the other side gives to everybody, or by a grant, is given to the user itself AWS’s documents do not say.
  const isSure = denies || (decision === 'implicitlyDenied' && allow === 'yes');
  return { status: isSure && !maybe ? 'missing' : 'unknown', because };
}

export const worstOf = (all: readonly Leg['status'][]): Leg['status'] =>
  WORST_FIRST.find((worse) => all.includes(worse)) ?? 'notNeeded';

const WORST_FIRST = ['missing', 'unknown', 'done', 'notNeeded'] as const;

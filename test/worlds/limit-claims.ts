import type { Leg } from './answers.ts';
import { type Caller, OWNER } from './cast.ts';
import { type Claim, type Common, callersOf, claim, firstWrong, type Subject } from './claims.ts';
import { LIMITS, type Limit, ownLimits } from './limits.ts';
import type { Identity } from './truth.ts';
import { type Question, REGION, type World } from './world.ts';

/**
 * No limit lets anything that is refused without it: so what answers say that somebody may not holds whatever limits there
 * are. How often each turns a call is counted.
 */
export function limitClaims({ world, truth }: Common, questions: readonly Question[]): Claim[] {
  if (world.limits === null) return [];
  const asked = questions.flatMap(({ principal, action }) =>
    callersOf(world, principal).flatMap((caller) =>
      (['own', 'everything'] as const).map((identity) => ({ caller, action, identity })),
    ),
  );
  const calls = asked.map(({ caller, action, identity }) => {
    const question = { policy: 'after', action, region: REGION, identity } as const;
    return { caller, action, question, free: truth.of(caller, question) };
  });
  return LIMITS.flatMap((limit) =>
    calls
      .filter(({ caller }) => has(world, caller, limit))
      .map(({ caller, action, question, free }): Claim => {
        const bound = truth.of(caller, { ...question, under: [limit] });
        const turns = free === 'works' && bound !== 'works';
        return {
          kind: `a ${limit} ${turns ? 'turns' : 'leaves'} a call`,
          about: caller.arn,
          wrong:
            bound === 'works' && free !== 'works' ? `${action.slice(15)} works under it, else not (${free})` : null,
        };
      }),
  );
}

/** Where all legs stand and a limit refuses all the same, the answer has named that limit, or what it hangs on. */
export function turnedClaims(subject: Subject, legs: readonly Leg[], identity: Identity): Claim[] {
  const { world, truth, callers, actions, regions, circumstances } = subject;
  return LIMITS.flatMap((limit) => {
    const refused = firstWrong(
      callers.filter((caller) => has(world, caller, limit)),
      actions,
      regions,
      (caller, action, region) => {
        const of = { policy: 'after', action, region, identity, under: [limit] } as const;
        const found = circumstances.map((one) => truth.of(caller, { ...of, circumstances: one }));
        return found.includes('works') ? null : found.join(', ');
      },
    );
    return refused === null ? [] : [claim(subject, `a ${limit} turns it`, isNamed(limit, legs) ? null : refused)];
  });
}

function isNamed(limit: Limit, legs: readonly Leg[]): boolean {
  if (limit === 'permissionsBoundary' || limit === 'sessionPolicy') {
    return legs.some(
      ({ unlessLimitedBy = [], detail }) => unlessLimitedBy.includes(limit) || detail.includes('must not deny it'),
    );
  }
  // Control policies the API's description says once for all answers, unless a leg speaks of them.
  return legs.every(({ leg }) => leg !== 'organization');
}

/** Whether a caller, or what it reads, can be bound by it. */
function has(world: World, caller: Caller, limit: Limit): boolean {
  const organizationOf = (account: string) => world.organizations[account] ?? null;
  if (limit === 'resourceControlPolicy') return organizationOf(OWNER) !== null;
  if (limit === 'serviceControlPolicy') return organizationOf(caller.principal.account) !== null;
  return ownLimits(world, caller)[limit] !== undefined;
}

import { CALLERS, type Caller, HOME, OWNER } from './cast.ts';
import { type Limit, ownLimits } from './limits.ts';
import type { Circumstances, Identity, Outcome, Policy, Truth } from './truth.ts';
import { type Action, REGION, type World } from './world.ts';

/** One definite word of an answer, and why it is false, if it is. */
export type Claim = { kind: string; about: string; wrong: string | null };

/** What an answer is about, and how far the asker knew it. */
export type Subject = {
  world: World;
  truth: Truth;
  /** `readers`, `check`, `share`, `dryRun`: the first word of the claims' kinds. */
  answer: string;
  principal: string;
  callers: readonly Caller[];
  actions: readonly Action[];
  regions: readonly string[];
  identitySeen: boolean;
  circumstances: readonly Circumstances[];
  /** The answer holds under conditions of its own: one of the circumstances is enough. */
  conditional?: boolean;
};

/** What is common to all that is asked in a world. */
export type Common = Pick<Subject, 'world' | 'truth' | 'regions' | 'circumstances'>;

export type Wrong = (caller: Caller, action: Action, region: string) => string | null;

/** Whom a request is about, as answers name it. */
export function principalOf({ principal, organization, organizationalUnit, permissionSet }: Body): string {
  const set = permissionSet as { name: string; account: string } | undefined;
  return set === undefined
    ? String(principal ?? organization ?? organizationalUnit)
    : `arn:aws:iam::${set.account}:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_${set.name}_${'?'.repeat(16)}`;
}
type Body = Record<string, unknown>;

/** Who a principal of an answer stands for; nobody where the cast has none of it. */
export function callersOf({ organizations }: World, principal: string): Caller[] {
  if (principal.includes('?')) {
    const [, account = '', name = ''] = /::(\d{12}):.*(AWSReservedSSO_.*_)\?{16}$/.exec(principal) ?? [];
    return CALLERS.filter(
      ({ principal: { arn } }) => arn.includes(`::${account}:`) && /^.{16}$/.test(arn.split(name)[1] ?? ''),
    );
  }
  const [, account] = /^(?:arn:aws:iam::)?(\d{12})(?::root)?$/.exec(principal) ?? [];
  return CALLERS.filter(
    ({ arn, principal: own }) =>
      principal === '*' ||
      arn === principal ||
      own.arn === principal ||
      own.account === account ||
      (principal.startsWith('o-') && `${placeOf(organizations[own.account])}/`.startsWith(`${principal}/`)),
  );
}

/** Where an account is in its organization: set-up.ts. */
const placeOf = (organization: string | null | undefined): string =>
  organization === HOME ? `${HOME}/r-home/ou-home-00000001` : `${organization}/r-else`;

/** Whether an answer is about one user, role or session, as opposed to an account, an organization or everybody. */
export const isOne = (principal: string): boolean => /^arn:(?!.*:root$|.*\?)/.test(principal);

export const lessExceptions = (
  world: World,
  callers: readonly Caller[],
  exceptions: readonly { principal: string }[] = [],
) => {
  const excepted = new Set(exceptions.flatMap(({ principal }) => callersOf(world, principal)));
  return callers.filter((caller) => !excepted.has(caller));
};

/** The first caller, action and Region for which something is wrong. */
export function firstWrong(
  callers: readonly Caller[],
  actions: readonly Action[],
  regions: readonly string[],
  wrong: Wrong,
): string | null {
  for (const caller of callers) {
    for (const action of actions) {
      for (const region of regions) {
        if (region !== REGION && action === 'secretsmanager:PutSecretValue') continue;
        const found = wrong(caller, action, region);
        if (found !== null) return `${caller.arn} ${action.slice(15)} in ${region}: ${found}`;
      }
    }
  }
  return null;
}

/** Outcomes in all circumstances, under the policy after the change. */
export const outcomes = (
  subject: Subject,
  caller: Caller,
  action: Action,
  region: string,
  identity: Identity,
  policy: Policy = 'after',
) =>
  subject.circumstances.map((circumstances) =>
    subject.truth.of(caller, { policy, action, region, identity, circumstances }),
  );

/** The same under limits of the caller's own. */
export const limitedOutcomes = (
  subject: Subject,
  caller: Caller,
  action: Action,
  region: string,
  identity: Identity,
  under: readonly Limit[] = limitsThatLeaveOut(subject.world, caller),
): Outcome[] =>
  subject.circumstances.map((circumstances) =>
    subject.truth.of(caller, { policy: 'after', action, region, identity, circumstances, under }),
  );

/** Which of a caller's own boundary and session policy deny nothing: they keep out by what they leave out. */
export const limitsThatLeaveOut = (world: World, caller: Caller): Limit[] =>
  OWN.filter((limit) => ownLimits(world, caller)[limit]?.every(({ Effect }) => Effect === 'Allow'));

const OWN = ['permissionsBoundary', 'sessionPolicy'] as const;

/**
 * Outcomes with every identity policy, where those whom a policy denies for having a boundary (NotPrincipal) are denied. What a
 * boundary leaves out is not the secret's policy's to say.
 */
export function outcomesOfPolicy(subject: Subject, caller: Caller, action: Action, region: string): Outcome[] {
  const found = outcomes(subject, caller, action, region, 'everything');
  if (subject.world.boundaries[caller.principal.arn] === undefined) return found;
  const bounded = limitedOutcomes(subject, caller, action, region, 'everything', ['permissionsBoundary']);
  return found.map((outcome, index) => (bounded[index] === 'secretExplicitly' ? 'secretExplicitly' : outcome));
}

export const claim = (subject: Subject, said: string, wrong: string | null): Claim => ({
  kind: `${subject.answer} ${said}`,
  about: subject.principal,
  wrong,
});

/**
 * Readers are whom the policy lets in. Of everybody and of an organization it does not say that the owner's account lacks
 * something: its identity policies may let it.
 */
export const othersOf = ({ principal, callers }: Subject): readonly Caller[] =>
  principal === '*' || principal.startsWith('o-')
    ? callers.filter((caller) => caller.principal.account !== OWNER)
    : callers;

/** Of a set those whom the secret's policy denies all that takes the key: what is said of the key is said of the rest. */
export function deniedTheKey(subject: Subject): readonly Caller[] {
  const actions = subject.actions.filter((action) => action !== 'secretsmanager:DescribeSecret');
  const isDenied = (caller: Caller): boolean =>
    actions.length > 0 &&
    actions.every((action) =>
      outcomes(subject, caller, action, REGION, 'everything').every((outcome) => outcome === 'secretExplicitly'),
    );
  return isOne(subject.principal) ? [] : subject.callers.filter(isDenied);
}

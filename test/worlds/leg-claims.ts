import type { Leg } from './answers.ts';
import { type Caller, OWNER } from './cast.ts';
import {
  type Claim,
  claim,
  firstWrong,
  lessExceptions,
  limitedOutcomes,
  limitsThatLeaveOut,
  othersOf,
  outcomes,
  outcomesOfPolicy,
  type Subject,
  type Wrong,
} from './claims.ts';
import { turnedClaims } from './limit-claims.ts';
import { type Circumstances, type Identity, passesSecret } from './truth.ts';
import { type Action, REGION } from './world.ts';

/** What each leg says; and that the call works where all of them stand. */
export function legClaims(subject: Subject, legs: readonly Leg[]): Claim[] {
  if (subject.callers.length === 0) return [];
  const claims = legs.flatMap((leg) => legClaim(subject, leg) ?? []);
  const stands = ({ status }: Leg) => status === 'done' || status === 'notNeeded';
  if (legs.length === 0 || !legs.every(stands)) return claims;
  const notNeeded = legs.some(({ leg, status }) => leg === 'identityPolicy' && status === 'notNeeded');
  const identity: Identity = subject.identitySeen ? 'own' : notNeeded ? 'none' : 'everything';
  const excepted = legs.flatMap(({ exceptions = [] }) => exceptions);
  const callers = lessExceptions(subject.world, subject.callers, excepted);
  const refused =
    (ask: typeof outcomes): Wrong =>
    (caller, action, region) => {
      const found = ask(subject, caller, action, region, identity);
      const works = subject.conditional ? found.includes('works') : found.every((outcome) => outcome === 'works');
      return works ? null : `refused (${found.join(', ')})`;
    };
  const wrong = firstWrong(callers, subject.actions, subject.regions, refused(outcomes));
  const ofLimits = (['permissionsBoundary', 'sessionPolicy'] as const).flatMap((limit) => {
    const limited = callers.filter((caller) => limitsThatLeaveOut(subject.world, caller).includes(limit));
    const isSaid = legs.some(({ unlessLimitedBy = [] }) => unlessLimitedBy.includes(limit));
    if (isSaid || limited.length === 0) return [];
    const bound: typeof outcomes = (of, caller, action, region, whose) =>
      limitedOutcomes(of, caller, action, region, whose, [limit]);
    const said = `all legs stand whatever a ${LIMIT_SHORT[limit]} leaves out`;
    return [claim(subject, said, firstWrong(limited, subject.actions, subject.regions, refused(bound)))];
  });
  return [
    ...claims,
    claim(subject, 'all legs stand', wrong),
    ...ofLimits,
    ...(wrong === null ? turnedClaims({ ...subject, callers }, legs, identity) : []),
  ];
}

const LIMIT_SHORT = { permissionsBoundary: 'boundary', sessionPolicy: 'session policy' };

function legClaim(of: Subject, { leg, status, region, exceptions }: Leg): Claim | undefined {
  if (status === 'unknown' || leg === 'organization') return undefined;
  const subject = { ...of, callers: lessExceptions(of.world, of.callers, exceptions) };
  const { callers, actions } = subject;
  const regions = region === undefined ? subject.regions : [region];
  const wrongs = { secretPolicy: secretLeg, keyPolicy: keyLeg, identityPolicy: identityLeg }[leg](subject);
  const said = `${leg} ${status}`;
  if (status !== 'missing') return claim(subject, said, firstWrong(callers, actions, regions, wrongs[status]));
  // Of several actions or Regions one is enough to be missing something.
  for (const caller of othersOf(subject)) {
    const all = actions.flatMap((action) =>
      regions
        .filter((in_) => in_ === REGION || action !== 'secretsmanager:PutSecretValue')
        .map((in_) => firstWrong([caller], [action], [in_], wrongs.missing)),
    );
    const first = all[0];
    if (first && all.every((wrong) => wrong !== null)) return claim(subject, said, first);
  }
  return claim(subject, said, null);
}

type LegWrongs = Record<'done' | 'notNeeded' | 'missing', Wrong>;

/** Whether the secret's side lets the caller through, had it every identity policy. */
function secretLeg(subject: Subject): LegWrongs {
  const stands: Wrong = (caller, action, region) => {
    const found = outcomesOfPolicy(subject, caller, action, region);
    const enough = subject.conditional ? found.some(passesSecret) : found.every(passesSecret);
    return enough ? null : `the secret refuses (${found.join(', ')})`;
  };
  const missing: Wrong = (caller, action, region) => {
    const found = outcomes(subject, caller, action, region, 'everything');
    return found.some(passesSecret) ? `the secret lets it (${found.join(', ')})` : null;
  };
  return { done: stands, notNeeded: stands, missing };
}

/** Whether the key lets the caller, did the secret's policy and had it every identity policy. */
function keyLeg({ truth, world }: Subject): LegWrongs {
  const works = (caller: Caller, action: Action, region: string, circumstances: Circumstances = 'plain') =>
    truth.of(caller, { policy: 'open', action, region, identity: 'everything', circumstances }) === 'works';
  const stands: Wrong = (...of) =>
    works(...of) && (!world.former?.written || works(...of, 'previous')) ? null : 'the key refuses';
  // Who writes takes kms:Decrypt too, as the API Reference has it (PutSecretValue).
  const missing: Wrong = (caller, action, region) =>
    works(caller, action, region) &&
    (action !== 'secretsmanager:PutSecretValue' || works(caller, 'secretsmanager:GetSecretValue', region))
      ? 'the key lets it'
      : null;
  return { done: stands, notNeeded: stands, missing };
}

/** Whether the identity policies are what is at fault: where the other sides let the caller who has all of them. */
function identityLeg(subject: Subject): LegWrongs {
  const { truth } = subject;
  const best = (caller: Caller, action: Action, region: string) =>
    outcomes(subject, caller, action, region, 'everything');
  const fails =
    (identity: Identity): Wrong =>
    (caller, action, region) => {
      const withAll = best(caller, action, region);
      const found = outcomes(subject, caller, action, region, identity);
      const at = found.findIndex(
        (outcome, index) =>
          outcome !== withAll[index] && !(outcome === 'secretExplicitly' && withAll[index] === 'secret'),
      );
      if (at >= 0 && !subject.conditional) return `refused (${found[at]}), with all identity policies ${withAll[at]}`;
      const open = truth.of(caller, { policy: 'open', action, region, identity });
      const openAll = truth.of(caller, { policy: 'open', action, region, identity: 'everything' });
      const needs = caller.principal.account !== OWNER;
      return needs && open !== openAll ? `the identity policies refuse (${open} for ${openAll})` : null;
    };
  const missing: Wrong = (caller, action, region) => {
    const found = outcomes(subject, caller, action, region, subject.identitySeen ? 'own' : 'everything');
    if (found.includes('works')) return 'it works as it is';
    const other = caller.principal.account !== OWNER;
    const open = other && subject.identitySeen && truth.of(caller, { policy: 'open', action, region, identity: 'own' });
    return open === 'works' ? 'the identity policies let it' : null;
  };
  return { done: fails(subject.identitySeen ? 'own' : 'none'), notNeeded: fails('none'), missing };
}

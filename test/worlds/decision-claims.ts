import type { Decision, Exception, Leg } from './answers.ts';
import {
  type Claim,
  callersOf,
  claim,
  firstWrong,
  lessExceptions,
  othersOf,
  outcomes,
  outcomesOfPolicy,
  type Subject,
  type Wrong,
} from './claims.ts';
import { denialsThatHit } from './denials.ts';
import { type Identity, passesSecret } from './truth.ts';
import { type Action, REGION } from './world.ts';

/** What `decision` says of the callers less the exceptions, and what each exception says. */
export function decisionClaims(
  subject: Subject,
  decision: Decision,
  legs: readonly Leg[],
  exceptions: readonly Exception[] = [],
): Claim[] {
  if (decision === 'unknown') return [];
  const { world, truth } = subject;
  const meant = decision === 'implicitlyDenied' ? othersOf(subject) : subject.callers;
  const callers = lessExceptions(world, meant, exceptions);
  const identityStands = legs.some(
    ({ leg, status }) => leg === 'identityPolicy' && (status === 'done' || status === 'notNeeded'),
  );
  const seen: Identity = subject.identitySeen ? 'own' : 'everything';
  const deniesAll = (action: Action, region: string) =>
    lessExceptions(world, subject.callers, exceptions).every((caller) =>
      denialsThatHit(subject.principal, caller.principal.account).every(
        (policy) => truth.of(caller, { policy, action, region, identity: 'everything' }) === 'secretExplicitly',
      ),
    );
  const wrongs: Record<Exclude<Decision, 'unknown'>, Wrong> = {
    allowed: (caller, action, region) => {
      const found = identityStands
        ? outcomes(subject, caller, action, region, seen)
        : outcomesOfPolicy(subject, caller, action, region);
      const enough = subject.conditional ? found.some(passesSecret) : found.every(passesSecret);
      return enough ? null : `refused (${found.join(', ')})`;
    },
    explicitlyDenied: (caller, action, region) => {
      const found = outcomes(subject, caller, action, region, seen);
      const keyRefuses = subject.truth.of(caller, { policy: 'open', action, region, identity: seen }) === 'key';
      return found.every((outcome) => outcome === 'secretExplicitly' || keyRefuses)
        ? null
        : `no explicit denial (${found.join(', ')})`;
    },
    implicitlyDenied: (caller, action, region) => {
      const found = outcomes(subject, caller, action, region, seen);
      if (deniesAll(action, region)) return 'denied explicitly';
      // Whether a Deny under conditions applies besides may hang on what is not known of the call.
      const refused = found.every((outcome) => outcome !== 'works' && (subject.identitySeen || outcome !== 'key'));
      return refused ? null : `not implicitly denied (${found.join(', ')})`;
    },
  };
  return [
    ...(callers.length === 0
      ? []
      : [claim(subject, decision, firstWrong(callers, subject.actions, [REGION], wrongs[decision]))]),
    ...exceptions.flatMap(({ principal, decision: of }) =>
      decisionClaims(
        { ...subject, answer: `${subject.answer} exception`, principal, callers: callersOf(world, principal) },
        of,
        legs,
      ),
    ),
  ];
}

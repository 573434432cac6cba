import type { Readers } from './answers.ts';
import { CALLERS, type Caller, OWNER } from './cast.ts';
import { type Claim, type Common, callersOf, lessExceptions, type Subject } from './claims.ts';
import { decisionClaims } from './decision-claims.ts';
import { legClaims } from './leg-claims.ts';
import { passesSecret } from './truth.ts';
import { type Action, REGION } from './world.ts';

const GET: Action = 'secretsmanager:GetSecretValue';

/** What the list of readers says of each, and that nobody else reads. */
export function readerClaims(common: Common, { items, denied }: Readers): Claim[] {
  const { world } = common;
  const subjectOf = (answer: string, principal: string): Subject => ({
    ...common,
    answer,
    principal,
    callers: callersOf(world, principal),
    actions: [GET],
    identitySeen: false,
  });
  const ofItems = items.flatMap(({ principal, decision, exceptions, legs, expired, orphaned }) => {
    if (expired || orphaned) return [];
    const subject = subjectOf('readers', principal);
    const callers = lessExceptions(world, subject.callers, exceptions);
    return [...decisionClaims(subject, decision, legs, exceptions), ...legClaims({ ...subject, callers }, legs)];
  });
  const ofDenied = denied.flatMap(({ principal, dependsOn, exceptions }) =>
    dependsOn.length > 0 || principal === '*'
      ? []
      : decisionClaims(subjectOf('readers denied', principal), 'explicitlyDenied', [], exceptions),
  );
  return [...ofItems, ...ofDenied, nobodyElse(common, items)];
}

/** Who reads without being of the owner's account is among the readers, and not as one who is denied. */
function nobodyElse({ world, truth }: Common, items: Readers['items']): Claim {
  const listed = new Set<Caller>(
    items
      .filter(({ decision, expired }) => !expired && (decision === 'allowed' || decision === 'unknown'))
      .flatMap(({ principal, exceptions = [] }) =>
        lessExceptions(
          world,
          callersOf(world, principal),
          exceptions.filter(({ decision }) => decision !== 'allowed' && decision !== 'unknown'),
        ),
      ),
  );
  const left = CALLERS.find(
    (caller) =>
      caller.principal.account !== OWNER &&
      !listed.has(caller) &&
      passesSecret(truth.of(caller, { policy: 'after', action: GET, region: REGION, identity: 'everything' })),
  );
  return { kind: 'readers nobody else', about: '*', wrong: left ? `${left.arn} may read and is not listed` : null };
}

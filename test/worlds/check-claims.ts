import type { Check } from './answers.ts';
import type { Bed } from './bed.ts';
import { type Claim, type Common, callersOf, isOne, lessExceptions, type Subject } from './claims.ts';
import { decisionClaims } from './decision-claims.ts';
import { legClaims } from './leg-claims.ts';
import type { Staged } from './set-up.ts';
import type { Question } from './world.ts';

/** What an access check says. */
export function checkClaims(common: Common, question: Question, check: Check): Claim[] {
  const { principal, action, identitySeen, contextSeen } = question;
  const circumstances = common.circumstances.filter(
    (one) =>
      (!contextSeen.includes('secretsmanager:VersionStage') || one === 'stage') &&
      (!contextSeen.includes('aws:SourceIp') || one === 'plain' || one === 'stage'),
  );
  const subject: Subject = {
    ...common,
    answer: 'check',
    principal,
    callers: lessExceptions(common.world, callersOf(common.world, principal), check.exceptions),
    actions: [action],
    identitySeen: identitySeen && isOne(principal),
    circumstances:
      circumstances.length > 0
        ? circumstances
        : contextSeen.includes('secretsmanager:VersionStage')
          ? ['stage']
          : ['plain'],
  };
  return [...decisionClaims(subject, check.decision, check.legs, check.exceptions), ...legClaims(subject, check.legs)];
}

/** The question as the API takes it; what it says of the context is true of the caller. */
export function checkBody({ aws }: Bed, { world }: Staged, question: Question): object {
  const { principal, action, identitySeen, contextSeen } = question;
  const callers = callersOf(world, principal);
  const [one] = callers;
  if (one === undefined) return { principal, action };
  const values: Record<string, string | string[]> = {
    ...(action === 'secretsmanager:GetSecretValue' && { 'secretsmanager:VersionStage': 'AWSCURRENT' }),
    'aws:SourceIp': '127.0.0.1',
    'aws:PrincipalOrgID': world.organizations[one.principal.account] ?? [],
    ...(isOne(principal) && { 'aws:PrincipalTag/team': one.principal.tags['team'] ?? [] }),
    ...(callers.length === 1 && {
      'aws:userid': [aws.directory.find(one.principal.arn)?.uniqueId, one.session].filter(Boolean).join(':'),
    }),
  };
  const statements = world.identities[one.principal.arn];
  return {
    principal,
    action,
    context: Object.fromEntries(contextSeen.flatMap((key) => (values[key] === undefined ? [] : [[key, values[key]]]))),
    ...(identitySeen &&
      isOne(principal) && {
        identityPolicies: statements ? [{ Version: '2012-10-17', Statement: statements }] : [],
      }),
  };
}

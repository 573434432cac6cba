import type { Statement } from '../../../policy/document.ts';
import { TOO_MUCH_WORK } from '../../../policy/evaluate/evaluation.ts';
import type { Secret } from '../../secret.ts';
import { denialsNamed } from '../denied/denials-named.ts';
import { TOO_MUCH } from '../dependency.ts';
import type { SecretPart, SecretVerdict } from '../judge-secret.ts';
import { isPrincipal } from '../reader.ts';
import type { Leg } from './leg.ts';

/** Whether the secret's policy allows what a share is for, in every Region that has the secret. */
export function secretLeg(secret: Secret, actions: readonly string[], { left, parts, exceptions }: SecretVerdict): Leg {
  const leg = (status: Leg['status'], detail: string, statement?: Statement): Leg => ({
    leg: 'secretPolicy',
    status,
    account: secret.account,
    detail,
    ...(statement && { statement }),
  });
  const denied = parts.filter(({ evaluation }) => evaluation.decision === 'explicitlyDenied');
  const lacking = parts.filter(({ evaluation }) => evaluation.decision === 'implicitlyDenied');
  const silent = parts.filter(isSilent);
  const open = parts.filter((part) => part.evaluation.decision === 'unknown' && !isSilent(part));
  if (denied.length > 0)
    return leg('missing', `${deniedBy(secret, left.name, denied)}${which(denied, parts)}: no share helps.`);
  if (lacking.length > 0) {
    const share: Statement = { Effect: 'Allow', Action: [...actions], Principal: { AWS: left.name }, Resource: '*' };
    const detail = `No statement of the secret’s policy allows it${which(lacking, parts)}: share the secret.`;
    return leg('missing', detail, isPrincipal(left) ? share : undefined);
  }
  const but = exceptions.length === 0 ? '' : `, but not ${exceptions.map(({ principal }) => principal).join(', ')}`;
  if (open.length > 0) return leg('unknown', `${conditions(open)}${which(open, parts)}${but}.`);
  if (silent.length === parts.length) {
    return leg(
      'notNeeded',
      `The secret’s policy is silent. In the secret’s own account an identity policy is enough${but}.`,
    );
  }
  return leg('done', `${ALLOWED}${but}.`);
}

/** In the secret's own account identity policies alone may allow what no statement speaks of. */
const isSilent = ({ evaluation: { decision, because, needsIdentityPolicy } }: SecretPart): boolean =>
  decision === 'unknown' && needsIdentityPolicy && because.length === 0;

function deniedBy(secret: Secret, who: string, parts: readonly SecretPart[]): string {
  const statements = parts.flatMap(({ evaluation }) => evaluation.because.map(({ statement }) => statement));
  return `Denied by ${denialsNamed(secret, who, statements)} in the secret’s policy`;
}

function conditions(parts: readonly SecretPart[]): string {
  const open = parts.flatMap(({ evaluation }) => evaluation.because.flatMap(({ dependsOn }) => dependsOn));
  if (open.includes(TOO_MUCH_WORK)) return `Whether the secret’s policy allows it is not known, its ${TOO_MUCH}`;
  const effects = new Set(parts.flatMap(({ evaluation }) => evaluation.because.map(({ effect }) => effect)));
  return effects.has('Deny')
    ? 'A statement of the secret’s policy may deny it: that depends on conditions'
    : 'The secret’s policy allows it under conditions';
}

/** Says of which actions and Regions it is so, where it is not so of all. */
function which(some: readonly SecretPart[], all: readonly SecretPart[]): string {
  const distinct = (parts: readonly SecretPart[], key: 'action' | 'region') => [
    ...new Set(parts.map((part) => part[key])),
  ];
  if (some.length === all.length) return '';
  const regions = distinct(some, 'region');
  const where = regions.length === distinct(all, 'region').length ? '' : ` in ${regions.join(', ')}`;
  return ` (${distinct(some, 'action').join(', ')}${where})`;
}

const ALLOWED = 'The secret’s own policy allows it';

/** Whether it is allowed without conditions, be it not to everybody. */
export const isAllowed = ({ detail }: Leg): boolean => detail.startsWith(ALLOWED);

const OF_ITS_CALLS = ' for the calls that meet the share’s conditions; another statement may let others in.';

/** The same detail of a leg, said of no other calls than those that a share is for. */
export const ofItsCalls = (detail: string): string =>
  detail.replace(/(: (no share helps|share the secret))?\.$/, OF_ITS_CALLS);

export const isOfItsCalls = ({ detail }: Leg): boolean => detail.endsWith(OF_ITS_CALLS);

import { DomainError } from '../../problems/problem.ts';
import { GRANT_PROPAGATING, propagationWarnings } from '../judge/key/key-warnings.ts';
import type { Leg } from '../judge/legs/leg.ts';
import type { SecretPlace } from '../secret.ts';
import type { Change, Warning } from '../write/change.ts';
import { notGranted, notKnown } from './grant-warnings.ts';

/** What a change answers of its key legs, as they come about. */

export const takesKey = ({ leg, status }: Leg): boolean => leg === 'keyPolicy' && status !== 'notNeeded';
export const isOpen = ({ leg, status }: Leg): boolean =>
  leg === 'keyPolicy' && (status === 'missing' || status === 'unknown');

export const withLeg = (change: Change, made: Leg): Change => ({
  ...change,
  legs: change.legs.map((leg) => (leg.leg === 'keyPolicy' && leg.region === made.region ? made : leg)),
});

export const warn = (change: Change, ...warnings: Warning[]): Change => ({
  ...change,
  warnings: [...change.warnings, ...warnings],
});

/** Of the grants that there were, and of those made now: said once. */
export const withPropagation = (change: Change): Change => ({
  ...change,
  warnings: [...change.warnings.filter(({ code }) => code !== GRANT_PROPAGATING), ...propagationWarnings(change.legs)],
});

/** A grant that KMS was asked for, and did not answer, may be there. */
export function failedAt(change: Change, place: SecretPlace, leg: Leg, error: unknown): Change {
  const why = messageOf(error);
  if (change.dryRun || !(error instanceof DomainError) || error.facts.uncertain !== true) {
    return warn(change, notGranted(change, place, why));
  }
  const detail = `Whether the key grant was made is not known. ${why}`;
  return warn(withLeg(change, { ...leg, status: 'unknown', detail }), notKnown(place, why));
}

/** @throws what is no answer of AWS or of the journal */
export function messageOf(error: unknown): string {
  if (error instanceof DomainError) return error.message;
  throw error;
}

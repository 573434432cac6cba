import type { Leg } from '../judge/legs/leg.ts';
import type { SecretPlace } from '../secret.ts';
import type { Warning } from '../write/change.ts';

/** What is said of key grants, Region by Region; `place` is null where it is not about one of them. */

const inRegion = (place: SecretPlace | null): string => (place === null ? '' : ` in ${place.region}`);

export const planned = (place: SecretPlace, leg: Leg): Warning =>
  leg.statement === undefined
    ? { code: 'key-grant-failed', message: `No KMS grant would be made${inRegion(place)}. ${leg.detail}` }
    : { code: 'key-grant-planned', message: `A KMS grant would be made for the reader${inRegion(place)}.` };

export const notGranted = (place: SecretPlace | null, why: string): Warning => ({
  code: 'key-grant-failed',
  message: `Half done: the policy allows the reader, but the key grant was not made${inRegion(place)}. ${why}`,
});

export const notRevoked = (place: SecretPlace | null, why: string): Warning => ({
  code: 'key-grant-not-revoked',
  message: `The policy no longer allows the reader, but whether a key grant is left${inRegion(place)} is not known. ${why}`,
});

export const notRenewed = (place: SecretPlace | null, why: string): Warning => ({
  code: 'key-grant-not-renewed',
  message: `The reader’s key grant${inRegion(place)} is still that of the share that ended sooner, and goes with any share that is taken back. ${why}`,
});

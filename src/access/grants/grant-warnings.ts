import type { SecretPlace } from '../secret.ts';
import type { Change, Warning } from '../write/change.ts';

/** What is said of key grants, Region by Region; `place` is null where it is not about one of them. */

const inRegion = (place: SecretPlace | null): string => (place === null ? '' : ` in ${place.region}`);

/** Of a dry run: KMS was asked. */
export const planned = ({ dryRun }: Pick<Change, 'dryRun'>, place: SecretPlace): Warning[] =>
  dryRun ? [{ code: 'key-grant-planned', message: `A KMS grant would be made for the reader${inRegion(place)}.` }] : [];

export const notGranted = ({ dryRun }: Pick<Change, 'dryRun'>, place: SecretPlace | null, why: string): Warning => ({
  code: 'key-grant-failed',
  message: dryRun
    ? `No KMS grant would be made${inRegion(place)}. ${why}`
    : `Half done: the policy allows the reader, but the key grant was not made${inRegion(place)}. ${why}`,
});

export const notKnown = (place: SecretPlace, why: string): Warning => ({
  code: 'key-grant-failed',
  message: `The policy allows the reader; whether the key grant was made${inRegion(place)} is not known. ${why}`,
});

/** KMS API Reference, CreateGrant: the grantee is an account, user, role or session; never an organization, or a pattern. */
export const notGrantable: Warning = {
  code: 'key-grant-failed',
  message:
    'KMS makes grants for single principals only: the key’s owner must add the statement of the key leg to the key’s policy.',
};

export const notRevoked = (place: SecretPlace | null, why: string): Warning => ({
  code: 'key-grant-not-revoked',
  message: `The policy no longer allows the reader, but whether a key grant is left${inRegion(place)} is not known. ${why}`,
});

export const notRenewed = (place: SecretPlace | null, why: string): Warning => ({
  code: 'key-grant-not-renewed',
  message: `The reader’s key grant${inRegion(place)} is still that of the share that ended sooner, and goes with any share that is taken back. ${why}`,
});

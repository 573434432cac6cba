import { keyUsesOf, needsKey, onReplicas } from '../../../policy/key-use.ts';
import { placesOf, type Secret } from '../../secret.ts';
import type { Warning } from '../../write/change.ts';
import type { Leg } from '../legs/leg.ts';
import { isNamedInVain, SETTLING } from './key-finding.ts';

/**
 * What a share with somebody of another account should know of the secret's keys before it is used.
 * @param account whom it is shared with; undefined where that is not one account
 */
export function keyWarnings(secret: Secret, actions: readonly string[], account: string | undefined): Warning[] {
  if (account === secret.account) return [];
  const [own, ...replicas] = placesOf(secret);
  const unreadable = needsKey(onReplicas(actions)) ? replicas.filter(({ kmsKeyId }) => kmsKeyId === null) : [];
  const inVain = isNamedInVain({ place: own, uses: keyUsesOf(actions) });
  return [
    ...unreadable.map(({ region }) => ({
      code: 'kms-key-not-shareable',
      message: `Nobody of another account can read the replica in ${region}: it is under the AWS managed key there.`,
    })),
    ...(inVain ? [{ code: 'key-not-by-arn', message: namedInVain(secret) }] : []),
  ];
}

const namedInVain = ({ name, kmsKeyId }: Secret): string =>
  `The secret names its key as ${kmsKeyId}, and AWS looks for that in the account of who writes: a write from another ` +
  `account fails. Name it by its ARN: aws secretsmanager update-secret --secret-id ${name} --kms-key-id KEY_ARN.`;

export const GRANT_PROPAGATING = 'grant-propagating';

export const propagationWarnings = (legs: readonly Leg[]): Warning[] => {
  const regions = legs.flatMap(({ settlesAt, region }) => (settlesAt === undefined || !region ? [] : [region]));
  return regions.length === 0
    ? []
    : [{ code: GRANT_PROPAGATING, message: `The key lets the reader in (${regions.join(', ')}). ${SETTLING}` }];
};

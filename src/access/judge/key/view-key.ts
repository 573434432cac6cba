import type { PolicyDocument } from '../../../policy/document.ts';
import { allUses, type KeyUses, keyUsesOf, keyUsesOnReplicas } from '../../../policy/key-use.ts';
import { DomainError } from '../../../problems/problem.ts';
import { placesOf, type Secret, type SecretPlace } from '../../secret.ts';
import { type FormerKeys, formerKeys } from './former-keys.ts';
import { grantStatements } from './grant-statement.ts';
import { type GrantsFor, grantsFor } from './grants-for.ts';
import type { Key, KeyLooks, NewGrant } from './keys.ts';

/** What is seen of the key that a secret has in one Region, and what it is needed for. */
export type KeyView = NeededKey &
  (
    | { is: 'notNeeded' | 'default' }
    | { is: 'unseen'; why: string }
    | { is: 'disabled'; key: Key }
    | { is: 'elsewhere'; key: Key }
    | SeenKey
  );

/** `at`: when it was looked at. `former`: where some versions are under another key. */
type NeededKey = { place: SecretPlace; uses: KeyUses; at: Date; former?: FormerKeys };

export type SeenKey = { is: 'seen'; key: Key; policy: PolicyDocument; grants: GrantsFor };

/**
 * Looks at the secret's key, and at those of its replicas, side by side: once for all readers, at most one DescribeKey, one
 * GetKeyPolicy and its grants for each Region. Never rejects for what AWS answers: what can't be seen is `unseen`, and
 * says why.
 */
export const viewKeys = (
  keys: KeyLooks,
  secret: Secret,
  actions: readonly string[],
  at: Date,
): Promise<[KeyView, ...KeyView[]]> => {
  const [own, ...replicas] = placesOf(secret);
  const onReplicas = keyUsesOnReplicas(actions);
  const views: [Promise<KeyView>, ...Promise<KeyView>[]] = [
    viewKey(keys, { place: own, uses: keyUsesOf(actions), at }),
    ...replicas.map((place) => viewKey(keys, { place, uses: onReplicas, at })),
  ];
  return Promise.all(views);
};

async function viewKey(keys: KeyLooks, needed: NeededKey): Promise<KeyView> {
  const { place, uses } = needed;
  const { kmsKeyId, region, account } = place;
  if (allUses(uses).length === 0) return { ...needed, is: 'notNeeded' };
  const described = kmsKeyId === null ? Promise.resolve(undefined) : keys.describe(kmsKeyId, region, account);
  const [view, former] = await Promise.all([
    lookAt(keys, needed, described),
    uses.asked.includes('kms:Decrypt') ? formerKeys(keys, place, described) : undefined,
  ]);
  return former === undefined ? view : { ...view, former };
}

async function lookAt(keys: KeyLooks, needed: NeededKey, described: Promise<Key | undefined>): Promise<KeyView> {
  const { account } = needed.place;
  try {
    const key = await described;
    if (key === undefined) return { ...needed, is: 'default' };
    if (key.manager === 'AWS') return { ...needed, is: 'default' };
    if (key.account !== account) return { ...needed, is: 'elsewhere', key };
    if (!key.enabled) return { ...needed, is: 'disabled', key };
    const [policy, grants] = await Promise.all([keys.policy(key), keys.grants(key)]);
    return { ...needed, is: 'seen', key, policy, grants: grantsFor(grants, needed.place.arn) };
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    return { ...needed, is: 'unseen', why: error.message };
  }
}

/** The view once a grant is made on the key, which was not there when it was looked at. */
export function withGrant(view: KeyView, grant: NewGrant, now: Date): KeyView {
  if (view.is === 'unseen') {
    const why = `${view.why} A KMS grant was made all the same: what may stand against it is a Deny in the key’s policy.`;
    return { ...view, why };
  }
  if (view.is !== 'seen') return view;
  const { principal: grantee, secretArn, operations, name } = grant;
  const constraints = { subset: { SecretARN: secretArn } };
  const made = { grantId: '', name, grantee, operations: [...operations], constraints, createdAt: now };
  const granted = grantStatements(made, secretArn).map((statement) => ({ statement, createdAt: now }));
  return { ...view, grants: (caller) => [...view.grants(caller), ...granted] };
}
